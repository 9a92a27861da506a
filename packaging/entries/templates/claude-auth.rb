class ClaudeAuth < Formula
  desc "<% .About %>"
  homepage "<% .Home %>"
  version "<% .Version %>"
  license "MIT"

  on_macos do
    on_arm do
      url "<% .URL "darwin_arm64" %>"
      sha256 "<% .Hex "darwin_arm64" %>"
    end
    on_intel do
      url "<% .URL "darwin_amd64" %>"
      sha256 "<% .Hex "darwin_amd64" %>"
    end
  end

  on_linux do
    on_arm do
      url "<% .URL "linux_arm64" %>"
      sha256 "<% .Hex "linux_arm64" %>"
    end
    on_intel do
      url "<% .URL "linux_amd64" %>"
      sha256 "<% .Hex "linux_amd64" %>"
    end
  end

  def install
    prefix.install "bin", "share"
  end

  def caveats
    "Add the hook to your shell: claude-auth install"
  end

  test do
    assert_match "claude-auth #{version}", shell_output("#{bin}/claude-auth version")
  end
end

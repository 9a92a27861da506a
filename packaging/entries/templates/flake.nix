{
  description = "<% .About %>";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      version = "<% .Version %>";
      archives = {
        x86_64-linux = {
          url = "<% .URL "linux_amd64" %>";
          hash = "<% .SRI "linux_amd64" %>";
        };
        aarch64-linux = {
          url = "<% .URL "linux_arm64" %>";
          hash = "<% .SRI "linux_arm64" %>";
        };
        x86_64-darwin = {
          url = "<% .URL "darwin_amd64" %>";
          hash = "<% .SRI "darwin_amd64" %>";
        };
        aarch64-darwin = {
          url = "<% .URL "darwin_arm64" %>";
          hash = "<% .SRI "darwin_arm64" %>";
        };
      };
    in
    {
      packages = builtins.mapAttrs (
        system: archive:
        let
          pkgs = nixpkgs.legacyPackages.${system};
        in
        {
          default = pkgs.stdenvNoCC.mkDerivation {
            pname = "claude-auth";
            inherit version;
            src = pkgs.fetchurl archive;
            dontBuild = true;
            dontStrip = true;
            installPhase = ''
              mkdir -p $out
              cp -r bin share $out/
            '';
            meta = {
              description = "<% .About %>";
              homepage = "<% .Home %>";
              license = pkgs.lib.licenses.mit;
              mainProgram = "claude-auth";
              platforms = builtins.attrNames archives;
            };
          };
        }
      ) archives;
    };
}

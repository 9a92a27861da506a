# For fisher, which copies this file to ~/.config/fish/conf.d: the hook, if the program is installed. The program prints
# it, so that both are of one version. docs/prompts.md, "Plugin managers", says how to add it.

if command -sq claude-auth
    command claude-auth init fish | source
end

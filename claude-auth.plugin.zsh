# For plugin managers of zsh, which source this file from a checkout: the hook, if the program is installed. The program
# prints it, so that both are of one version. docs/prompts.md, "Plugin managers", says how to add it.

if whence -p claude-auth >/dev/null 2>&1; then
  eval "$(command claude-auth init zsh)"
fi

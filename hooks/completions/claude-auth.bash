# shellcheck shell=bash
# The completion of claude-auth for bash. All it knows comes from the program itself, which is given the words as data;
# nothing typed is ever evaluated.
:

package hooks

// ParentName returns "": $SHELL decides.
func ParentName() string { return "" }

package guard

import "fmt"

// ResultError is a renewal that did not end with a login that needs none.
type ResultError struct{ Result Result }

func (e *ResultError) Error() string {
	return fmt.Sprintf("the login was not renewed: %s", e.Result.Cause)
}

// Hint says what helps.
func (e *ResultError) Hint() string { return e.Result.Hint }

// Err returns the result as an error, nil for one that is fine.
func (r Result) Err() error {
	if r.Fine() {
		return nil
	}
	return &ResultError{r}
}

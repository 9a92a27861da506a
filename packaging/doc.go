// Package packaging makes and tests the packages of a release: stage lays out what they hold, sbom lists the modules,
// and entries writes what package managers need to know. `make dist` runs them.
//
// The tests install packages in empty roots, use them and remove them. `make test` packs an archive of its own for
// that; `make dist-check` gives the tests the packages that `make dist` has made, in CLAUDE_AUTH_DIST.
package packaging

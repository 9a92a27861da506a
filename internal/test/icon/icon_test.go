package icon_test

import (
	"image/color"
	"image/png"
	"os"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/icon"
)

// TestIcon checks that the file of the plugin is what this package draws.
func TestIcon(t *testing.T) {
	file, err := os.Open("../../../plugin/icon.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	saved, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	drawn := icon.Draw()
	if saved.Bounds() != drawn.Bounds() {
		t.Fatalf("the file has the size %v, the drawing %v", saved.Bounds(), drawn.Bounds())
	}
	for y := range icon.Size {
		for x := range icon.Size {
			have, want := color.NRGBAModel.Convert(saved.At(x, y)), drawn.At(x, y)
			if have != want {
				t.Fatalf("at %d,%d the file has %v, the drawing %v", x, y, have, want)
			}
		}
	}
}

// Command draw-icon writes the icon of the Claude Code plugin to standard output.
package main

import (
	"image/png"
	"log"
	"os"

	"github.com/claude-auth/claude-auth/internal/test/icon"
)

func main() {
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(os.Stdout, icon.Draw()); err != nil {
		log.Fatal(err)
	}
}

// Package icon draws the icon of the Claude Code plugin: a shield with a keyhole. After a change of the drawing, write
// the file again:
//
//	go run ./internal/test/icon/cmd/draw-icon >plugin/icon.png
package icon

import (
	"image"
	"image/color"
	"math"
)

// Size is the width and the height, in pixels. The client wants 512 to 2048 (2.1.332).
const Size = 512

// The parts of the drawing, from the back to the front. They are drawn over each other.
var (
	ground   = color.NRGBA{0x14, 0x3a, 0x4a, 0xff}
	shield   = color.NRGBA{0xf4, 0xf1, 0xea, 0xff}
	keyhole  = color.NRGBA{0xd9, 0x77, 0x57, 0xff}
	outside  = color.NRGBA{}
	samples  = 4 // each pixel is the mean of samples × samples points
	maxTones = 256
)

// Draw returns the icon. Few tones keep the file small.
func Draw() *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, Size, Size), nil)
	index := map[color.NRGBA]uint8{}
	for y := range Size {
		for x := range Size {
			tone := pixel(x, y)
			i, known := index[tone]
			if !known && len(img.Palette) < maxTones {
				i = uint8(len(img.Palette))
				index[tone] = i
				img.Palette = append(img.Palette, tone)
			}
			img.Pix[y*img.Stride+x] = i
		}
	}
	return img
}

// pixel is the mean of the points in a pixel, in steps of a quarter so that there are few tones.
func pixel(x, y int) color.NRGBA {
	var r, g, b, a float64
	for i := range samples {
		for j := range samples {
			c := point(float64(x)+(float64(i)+0.5)/float64(samples), float64(y)+(float64(j)+0.5)/float64(samples))
			alpha := float64(c.A) / 255
			r, g, b, a = r+float64(c.R)*alpha, g+float64(c.G)*alpha, b+float64(c.B)*alpha, a+alpha
		}
	}
	if a == 0 {
		return outside
	}
	step := func(v float64) uint8 { return uint8(math.Round(v/a/8) * 8 * 255 / 256) }
	return color.NRGBA{step(r), step(g), step(b), uint8(a / float64(samples*samples) * 255)}
}

// point is the colour at a point.
func point(x, y float64) color.NRGBA {
	switch {
	case !inRounded(x, y, Size, 96):
		return outside
	case inKeyhole(x, y):
		return keyhole
	case inShield(x, y):
		return shield
	}
	return ground
}

// inRounded reports whether a point is in the square of that size with rounded corners.
func inRounded(x, y, size, radius float64) bool {
	dx := math.Max(0, math.Max(radius-x, x-(size-radius)))
	dy := math.Max(0, math.Max(radius-y, y-(size-radius)))
	return math.Hypot(dx, dy) <= radius
}

// inShield reports whether a point is in the shield: straight above, and below two arcs that meet in a point.
func inShield(x, y float64) bool {
	const left, right, top, waist, radius = 120.0, 392.0, 96.0, 240.0, 300.0
	if x < left || x > right || y < top {
		return false
	}
	if y <= waist {
		return true
	}
	return math.Hypot(x-(right-radius), y-waist) <= radius && math.Hypot(x-(left+radius), y-waist) <= radius
}

// inKeyhole reports whether a point is in the keyhole: a circle, and a foot that widens.
func inKeyhole(x, y float64) bool {
	const middle, centre, radius, foot = Size / 2, 208.0, 46.0, 340.0
	if math.Hypot(x-middle, y-centre) <= radius {
		return true
	}
	return y > centre && y <= foot && math.Abs(x-middle) <= 18+(y-centre)*0.16
}

package signin

import (
	"strings"

	"rsc.io/qr/coding"
)

// quiet is the white margin of a QR code, in modules. The standard has 4; phones read 2.
const quiet = 2

// qrRows draws text as a QR code for a phone, two modules a row. It returns nil for a text that is too long. Its width
// in columns is that of a row; its colours do not depend on the terminal's theme.
func qrRows(text string) []row {
	code := qrCode(text)
	if code == nil {
		return nil
	}
	// Halves of a block in black on white. A row that is half outside is white below.
	blocks := map[[2]bool]string{{true, true}: "█", {true, false}: "▀", {false, true}: "▄", {false, false}: " "}
	var rows []row
	for y := -quiet; y < code.Size+quiet; y += 2 {
		var line strings.Builder
		for x := -quiet; x < code.Size+quiet; x++ {
			line.WriteString(blocks[[2]bool{code.Black(x, y), code.Black(x, y+1)}])
		}
		rows = append(rows, row{margin + "\x1b[30;107m" + line.String() + "\x1b[0m", len(margin) + code.Size + 2*quiet})
	}
	return rows
}

// qrCode encodes text in the smallest code that has room for it.
func qrCode(text string) *coding.Code {
	content := coding.String(text)
	for version := coding.Version(coding.MinVersion); version <= coding.MaxVersion; version++ {
		if content.Bits(version) > version.DataBytes(coding.L)*8 {
			continue
		}
		plan, err := coding.NewPlan(version, coding.L, 0)
		if err != nil {
			return nil
		}
		code, err := plan.Encode(content)
		if err != nil {
			return nil
		}
		return code
	}
	return nil
}

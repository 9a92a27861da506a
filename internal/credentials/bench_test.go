package credentials

import (
	"fmt"
	"strings"
	"testing"
)

// sized is a document of about so many bytes, of the shape of the client's with many MCP sign-ins.
func sized(bytes int) []byte {
	var b strings.Builder
	b.WriteString(`{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE","refreshToken":"sk-ant-ort01-FIXTURE",` +
		`"expiresAt":1772366400000,"scopes":["user:inference"]},"mcpOAuth":{"first":1`)
	for i := 0; b.Len() < bytes; i++ {
		fmt.Fprintf(&b, `,"server%d|638130d5ab3558f4":{"serverName":"server%d","serverUrl":"https://mcp%d.example.com/sse",`+
			`"accessToken":"FIXTURE-%040d","expiresAt":%d,"scope":""}`, i, i, i, i, i)
	}
	b.WriteString("}}\n")
	return []byte(b.String())
}

func benchmarkSizes(b *testing.B, run func(b *testing.B, data []byte)) {
	for _, size := range []int{2 << 10, 10 << 20} {
		data := sized(size)
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			run(b, data)
		})
	}
}

func BenchmarkParse(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, data []byte) {
		for b.Loop() {
			d, err := Parse(data)
			if err != nil {
				b.Fatal(err)
			}
			if _, ok := d.Login(); !ok {
				b.Fatal("no login")
			}
		}
	})
}

func BenchmarkSet(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, data []byte) {
		d, err := Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := d.Set("mcpOAuth.first", []byte("2")); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRedacted(b *testing.B) {
	benchmarkSizes(b, func(b *testing.B, data []byte) {
		d, err := Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, _, _, err := d.Redacted(""); err != nil {
				b.Fatal(err)
			}
		}
	})
}

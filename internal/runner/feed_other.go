//go:build !linux

package runner

// live carries the live input, piece by piece, one piece ahead of the child at most beyond what its pipe holds.
func (f *feed) live() {
	buf := make([]byte, pieceSize)
	for {
		if !f.await(f.s.fd, pollIn) {
			return
		}
		n, err := readFD(f.s.fd, buf)
		if err != nil || n == 0 {
			f.markEnd()
			return
		}
		f.keepPiece(buf[:n])
		if writeFD(f.w, buf[:n], f.wake) != nil {
			return
		}
	}
}

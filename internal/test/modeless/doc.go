// Package modeless is a file system that keeps no permissions, as a Windows drive in WSL, a FAT disk or a share of SMB:
// use it when a test needs to know what the program does where chmod is refused.
//
// It is a real mount (FUSE), and shows a directory of another file system. Every file in it has mode 0777 and one
// owner, chmod and chown are refused, and there are no hard links, no extended attributes and no rename that replaces
// nothing.
//
// It needs root and /dev/fuse.
package modeless

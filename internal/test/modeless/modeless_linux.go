package modeless

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// node is a file or a directory in it.
type node struct {
	*fs.LoopbackNode
	uid uint32
}

var (
	_ fs.NodeWrapChilder = (*node)(nil)
	_ fs.NodeGetattrer   = (*node)(nil)
	_ fs.NodeSetattrer   = (*node)(nil)
	_ fs.NodeLookuper    = (*node)(nil)
	_ fs.NodeMkdirer     = (*node)(nil)
	_ fs.NodeCreater     = (*node)(nil)
	_ fs.NodeLinker      = (*node)(nil)
	_ fs.NodeRenamer     = (*node)(nil)
	_ fs.NodeGetxattrer  = (*node)(nil)
	_ fs.NodeSetxattrer  = (*node)(nil)
	_ fs.NodeListxattrer = (*node)(nil)
)

// WrapChild makes what is in it like the directory itself.
func (n *node) WrapChild(_ context.Context, child fs.InodeEmbedder) fs.InodeEmbedder {
	return &node{child.(*fs.LoopbackNode), n.uid}
}

func (n *node) show(attr *fuse.Attr) {
	attr.Mode = attr.Mode&syscall.S_IFMT | 0o777
	attr.Uid, attr.Gid = n.uid, n.uid
}

func (n *node) Getattr(ctx context.Context, f fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	errno := n.LoopbackNode.Getattr(ctx, f, out)
	n.show(&out.Attr)
	return errno
}

func (n *node) Setattr(ctx context.Context, f fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if in.Valid&(fuse.FATTR_MODE|fuse.FATTR_UID|fuse.FATTR_GID) != 0 {
		return syscall.EPERM
	}
	errno := n.LoopbackNode.Setattr(ctx, f, in, out)
	n.show(&out.Attr)
	return errno
}

func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	inode, errno := n.LoopbackNode.Lookup(ctx, name, out)
	n.show(&out.Attr)
	return inode, errno
}

func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	inode, errno := n.LoopbackNode.Mkdir(ctx, name, mode, out)
	n.show(&out.Attr)
	return inode, errno
}

func (n *node) Create(
	ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut,
) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	inode, f, fuseFlags, errno := n.LoopbackNode.Create(ctx, name, flags, mode, out)
	n.show(&out.Attr)
	return inode, f, fuseFlags, errno
}

func (n *node) Link(context.Context, fs.InodeEmbedder, string, *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return nil, syscall.EPERM
}

func (n *node) Rename(
	ctx context.Context, name string, parent fs.InodeEmbedder, to string, flags uint32,
) syscall.Errno {
	if flags != 0 {
		return syscall.EINVAL
	}
	return n.LoopbackNode.Rename(ctx, name, parent, to, 0)
}

func (n *node) Getxattr(context.Context, string, []byte) (uint32, syscall.Errno) {
	return 0, syscall.ENOTSUP
}

func (n *node) Setxattr(context.Context, string, []byte, uint32) syscall.Errno {
	return syscall.ENOTSUP
}

func (n *node) Listxattr(context.Context, []byte) (uint32, syscall.Errno) { return 0, syscall.ENOTSUP }

// Available returns why the file system cannot be mounted here.
func Available() error {
	device, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer device.Close()
	dir, err := os.MkdirTemp("", "modeless-")
	if err != nil {
		return err
	}
	defer os.Remove(dir)
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", device.Fd())
	if err := unix.Mount("modeless", dir, "fuse", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		return err
	}
	return unix.Unmount(dir, unix.MNT_DETACH)
}

// Unmount ends what Serve has mounted, even while it is in use.
func Unmount(dir string) error { return unix.Unmount(dir, unix.MNT_DETACH) }

// Serve mounts the file system over a directory, which it shows, calls ready, and serves it until it is unmounted. All
// its files are of uid. It wants a process of its own: one that uses the files too may wait for itself.
func Serve(dir string, uid uint32, ready func()) error {
	under, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer under.Close()
	root := &fs.LoopbackRoot{Path: fmt.Sprintf("/proc/self/fd/%d", under.Fd())}
	top := &node{&fs.LoopbackNode{RootData: root}, uid}
	root.RootNode = top
	options := fuse.MountOptions{AllowOther: true, DirectMountStrict: true, FsName: "modeless", DisableXAttrs: true}
	server, err := fs.Mount(dir, top, &fs.Options{MountOptions: options})
	if err != nil {
		return fmt.Errorf("mount it over %s: %w", dir, err)
	}
	ready()
	server.Wait()
	return nil
}

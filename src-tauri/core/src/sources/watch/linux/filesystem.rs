//! Which file systems other machines write to as well.

use std::path::Path;

/// What the file system of `path` is called, if others than this machine may write to it: the system tells only of what
/// goes through its own hands.
pub(super) fn shared(path: &Path) -> Option<&'static str> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a magic number has 32 bits, in a field whose width and sign differ between processors"
    )]
    shared_kind(rustix::fs::statfs(path).ok()?.f_type as u32)
}

/// By magic number, from `linux/magic.h` and, for what lives outside of the kernel, from `statfs(2)` and coreutils'
/// `stat.c`. FUSE may be local as well; it does not say, and it is sshfs more often than not.
const fn shared_kind(magic: u32) -> Option<&'static str> {
    Some(match magic {
        0x6969 => "NFS",
        0x517B | 0xFF53_4D42 | 0xFE53_4D42 => "SMB",
        0x6573_5546 => "FUSE",
        0x0102_1997 => "9P",
        0x00C3_6400 => "Ceph",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x7375_7245 => "Coda",
        0x564C => "NCP",
        0x7461_636F => "OCFS2",
        0x0116_1970 => "GFS2",
        0x0BD0_0BD0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x1983_0326 => "BeeGFS",
        0x786F_4256 => "VirtualBox shared folder",
        0xBACB_ACBC => "VMware shared folder",
        0x7C7C_6673 => "Parallels shared folder",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t25_file_systems_that_others_write_to_are_known_by_their_number() {
        for (magic, kind) in [
            (0x6969, Some("NFS")),
            (0x517B, Some("SMB")),
            (0xFF53_4D42, Some("SMB")),
            (0xFE53_4D42, Some("SMB")),
            (0x6573_5546, Some("FUSE")),
            (0x0102_1997, Some("9P")),
            (0x00C3_6400, Some("Ceph")),
            (0x786F_4256, Some("VirtualBox shared folder")),
            // ext, btrfs, XFS, tmpfs, overlay, ZFS, eCryptfs.
            (0xEF53, None),
            (0x9123_683E, None),
            (0x5846_5342, None),
            (0x0102_1994, None),
            (0x794C_7630, None),
            (0x2FC1_2FC1, None),
            (0xF15F, None),
        ] {
            assert_eq!(shared_kind(magic), kind, "{magic:#x}");
        }
    }

    #[test]
    fn this_machine_s_own_disk_is_its_own() {
        assert_eq!(shared(Path::new("/proc")), None);
        assert_eq!(shared(Path::new("/nowhere")), None);
    }
}

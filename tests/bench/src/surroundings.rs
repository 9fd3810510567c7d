//! Where figures were measured: without that they mean nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use acceptance::machine;
use anyhow::Result;
use serde::{Deserialize, Serialize};

/// A machine and its state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Surroundings {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_bytes: u64,
    pub(crate) system: String,
    pub(crate) kernel: String,
    pub(crate) file_system: String,
    pub(crate) date: String,
    pub(crate) commit: String,
    /// Programs that were running or waiting to, on average over the minute before.
    pub(crate) load_before: String,
}

impl Surroundings {
    /// As they are now, for work in `folder`.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let value = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_once([':', '='])
                .map(|(_name, value)| value.trim().trim_matches('"').to_owned())
                .unwrap_or_default()
        };
        let kilobytes = value(&read("/proc/meminfo"), "MemTotal");
        Ok(Self {
            processor: value(&read("/proc/cpuinfo"), "model name"),
            cores: thread::available_parallelism()?.get(),
            memory_bytes: kilobytes.trim_end_matches(" kB").parse::<u64>().unwrap_or_default() * 1_024,
            system: value(&read("/etc/os-release"), "PRETTY_NAME"),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            file_system: file_system(&read("/proc/mounts"), &folder.canonicalize()?),
            date: machine::now().strftime("%Y-%m-%d").to_string(),
            commit: commit(),
            load_before: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        })
    }
}

/// What of the product was measured.
fn commit() -> String {
    let git = |arguments: &[&str]| Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let head = git(&["rev-parse", "--short", "HEAD"]).map(|git| git.stdout).unwrap_or_default();
    let head = String::from_utf8_lossy(&head).trim().to_owned();
    // The page itself differs from its last commit while it is written; what is measured must not.
    let is_as_committed = git(&["diff", "--quiet", "HEAD", "--", ":/src-tauri"]).is_ok_and(|git| git.status.success());
    if is_as_committed { head } else { format!("{head}, changed") }
}

/// The kind of file system that `folder` is on: that of the longest mount point above it.
fn file_system(mounts: &str, folder: &Path) -> String {
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(point, _kind)| folder.starts_with(point));
    above.max_by_key(|(point, _kind)| point.len()).map(|(_point, kind)| kind.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_on_the_file_system_mounted_closest_above_it() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /home btrfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/tmp/bench")), "tmpfs");
        assert_eq!(file_system(mounts, Path::new("/work")), "ext4");
    }
}

//! Memory that the app no longer uses.

/// Gives it back to the system. The allocator of glibc keeps what threads have freed for threads to come: after a first scan
/// of gigabytes there are none, and after a look at every file none for minutes.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn give_back() {
    // SAFETY: it takes the allocator's own locks, so that any thread may call it at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators do so by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() {}

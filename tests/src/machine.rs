//! What this machine offers: its programs, its free ports, the binaries that this build made. The one place of the tests
//! that reads the environment; a desktop session gets an environment of its own.

use std::env;
use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

/// A variable of the environment that the tests were started in.
#[expect(clippy::disallowed_methods, reason = "tests are their own composition root; all of them read through here")]
pub fn variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// This moment.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are their own composition root; all of them take the time from here"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The whole environment that the tests were started in.
pub fn variables() -> impl Iterator<Item = (OsString, OsString)> {
    env::vars_os()
}

/// The program `name` from `PATH`, or from where `cargo install` puts programs.
///
/// # Errors
/// When it is in neither place; the message says what brings it.
pub fn program(name: &str) -> Result<PathBuf> {
    let cargo_home = variable("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| variable("HOME").map(|home| Path::new(&home).join(".cargo")));
    let path = variable("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(cargo_home.map(|home| home.join("bin")))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("`{name}` is not installed; `make setup` brings everything the tests need"))
}

/// Where Debian keeps programs that only other programs start, like the notification daemon.
///
/// # Errors
/// When no architecture's folder has `relative`.
pub fn program_of_lib(relative: &str) -> Result<PathBuf> {
    let architecture = format!("/usr/lib/{}-linux-gnu", env::consts::ARCH);
    [architecture.as_str(), "/usr/lib", "/usr/libexec", "/usr/lib64"]
        .iter()
        .map(|folder| Path::new(folder).join(relative))
        .find(|file| file.is_file())
        .with_context(|| format!("`{relative}` is not installed; `make setup` brings everything the tests need"))
}

/// A port of the loopback interface that nobody listens on.
///
/// # Errors
/// When the loopback interface has none left.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on the loopback interface")?;
    Ok(listener.local_addr()?.port())
}

/// A binary of this workspace, from the same build as the running test.
///
/// # Errors
/// When it was not built.
pub fn built_binary(name: &str) -> Result<PathBuf> {
    let binary = build_folder()?.join(name);
    if !binary.is_file() {
        bail!("{} does not exist; `cargo build --workspace --bins` makes it", binary.display());
    }
    Ok(binary)
}

/// Where pictures are left for people to look at: `target/screenshots`.
///
/// # Errors
/// When the folder cannot be made.
pub fn screenshots_folder() -> Result<PathBuf> {
    let build = build_folder()?;
    let folder = build.parent().unwrap_or(&build).join("screenshots");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// The folder that cargo put this build's binaries in: `target/debug`, wherever the target folder is.
fn build_folder() -> Result<PathBuf> {
    let this = env::current_exe().context("cannot tell where this program is")?;
    let folder = this.parent().context("this program is in no folder")?;
    // A test is in `deps`, a binary right in the build's folder.
    Ok(if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder }.to_path_buf())
}

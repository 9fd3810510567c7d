//! Where things are for this user: the home folder, our own data, and the variables that move either.
//!
//! The environment is read once, by the composition root; sources ask here and never the process.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Folders and environment of one user.
#[derive(Clone, Debug)]
pub struct Places {
    home: PathBuf,
    data: PathBuf,
    environment: BTreeMap<OsString, OsString>,
}

/// Whether Windows and a Linux within it (WSL) share this machine. Each sees the other's files under a name of its own, so
/// that a folder in a log may be known here by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// One system only, as far as is known.
    Alone,
    /// This is Windows. Linux calls `C:\\src` by the name `/mnt/c/src`.
    Windows,
    /// This is Linux within Windows.
    Wsl,
}

impl Side {
    /// The folder by the name that it has here.
    pub fn here(self, folder: &str) -> Option<String> {
        match self {
            Self::Alone => None,
            Self::Windows => {
                let (drive, rest) = below_drive(folder.strip_prefix("/mnt/")?, "", '/')?;
                Some(format!("{}:\\{}", drive.to_ascii_uppercase(), rest.replace('/', "\\")))
            }
            Self::Wsl => {
                let (drive, rest) = below_drive(folder, ":", '\\').or_else(|| below_drive(folder, ":", '/'))?;
                Some(
                    format!("/mnt/{}/{}", drive.to_ascii_lowercase(), rest.replace('\\', "/"))
                        .trim_end_matches('/')
                        .into(),
                )
            }
        }
    }
}

/// Takes a path apart into the letter of its drive, what marks it as one, and the rest.
fn below_drive<'f>(folder: &'f str, mark: &str, separator: char) -> Option<(char, &'f str)> {
    let mut letters = folder.chars();
    let drive = letters.next().filter(char::is_ascii_alphabetic)?;
    let rest = letters.as_str().strip_prefix(mark)?;
    if rest.is_empty() { Some((drive, "")) } else { Some((drive, rest.strip_prefix(separator)?)) }
}

/// No folder to work in could be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacesError {
    /// Neither an argument nor the environment names a home folder.
    #[error("no home folder: the environment has neither HOME nor USERPROFILE; name one with --home DIR")]
    NoHome,
}

impl Places {
    /// The places of the user whose `environment` this is. `home` is where agents' logs are looked for and `data` is
    /// where the ledger lives, when the person names them; by default the user's home and the platform's data folder.
    ///
    /// # Errors
    /// [`PlacesError::NoHome`] when there is no home folder to start from.
    pub fn of_user(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        home: Option<PathBuf>,
        data: Option<PathBuf>,
    ) -> Result<Self, PlacesError> {
        let environment: BTreeMap<_, _> = environment.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let own_home =
            ["HOME", "USERPROFILE"].iter().find_map(|name| environment.get(OsStr::new(name))).map(PathBuf::from);
        let data = match (data, &own_home) {
            (Some(data), _) => data,
            (None, Some(home)) => data_folder(home, |name| environment.get(OsStr::new(name)).map(PathBuf::from)),
            (None, None) => return Err(PlacesError::NoHome),
        };
        let home = home.or(own_home).ok_or(PlacesError::NoHome)?;
        Ok(Self { home, data, environment })
    }

    /// The folder under which agents keep their logs.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Our own folder: ledger, window position.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The ledger's file.
    pub fn ledger(&self) -> PathBuf {
        self.data.join("ledger.db")
    }

    /// Where it is noted when the sources were last looked at, if there is a place that costs no write to a disk.
    pub(crate) fn read_mark(&self) -> Option<PathBuf> {
        // The same name in another folder is another ledger.
        let ledger = std::path::absolute(self.ledger()).ok()?;
        let ledger = xxhash_rust::xxh3::xxh3_64(ledger.as_os_str().as_encoded_bytes());
        Some(self.folder("XDG_RUNTIME_DIR")?.join(format!("spendmeter-{ledger:016x}.read")))
    }

    /// Whether another system shares this machine.
    pub fn side(&self) -> Side {
        if cfg!(windows) {
            Side::Windows
        } else if self.environment.contains_key(OsStr::new("WSL_DISTRO_NAME")) {
            Side::Wsl
        } else {
            Side::Alone
        }
    }

    /// The value of a variable, if it is set.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(OsStr::new(name)).map(|value| value.to_string_lossy().into_owned())
    }

    /// The folder that a variable names, if it is set.
    pub fn folder(&self, variable: &str) -> Option<PathBuf> {
        self.environment.get(OsStr::new(variable)).map(PathBuf::from)
    }

    /// The folders that a variable names, separated by commas; empty if it is not set.
    pub fn folders(&self, variable: &str) -> Vec<PathBuf> {
        let listed = self.environment.get(OsStr::new(variable)).map(|value| value.to_string_lossy().into_owned());
        listed
            .iter()
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|folder| !folder.is_empty())
            .map(|folder| self.below_home(folder))
            .collect()
    }

    /// `$XDG_CONFIG_HOME`, or its default below home.
    pub fn config_home(&self) -> PathBuf {
        self.folder("XDG_CONFIG_HOME").unwrap_or_else(|| self.home.join(".config"))
    }

    /// `$XDG_DATA_HOME`, or its default below home. On every system: agents that keep to it do so on all.
    pub fn data_home(&self) -> PathBuf {
        self.folder("XDG_DATA_HOME").unwrap_or_else(|| self.home.join(".local/share"))
    }

    /// A leading `~` is the home folder, as shells would have it.
    fn below_home(&self, folder: &str) -> PathBuf {
        match folder.strip_prefix('~') {
            Some(rest) => self.home.join(rest.trim_start_matches(['/', '\\'])),
            None => PathBuf::from(folder),
        }
    }
}

/// Where each platform wants an app's own data.
fn data_folder(home: &Path, folder: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    if cfg!(target_os = "macos") {
        home.join("Library/Application Support/Spendmeter")
    } else if cfg!(windows) {
        folder("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData/Local")).join("Spendmeter")
    } else {
        folder("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")).join("spendmeter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(environment: &[(&str, &str)]) -> Result<Places, PlacesError> {
        Places::of_user(environment.iter().map(|(k, v)| (k.into(), v.into())), None, None)
    }

    #[test]
    fn a_variable_may_list_several_folders() {
        let places = places(&[("HOME", "/home/u"), ("CLAUDE_CONFIG_DIR", "/a, ~/b,,")]).unwrap();
        assert_eq!(places.folders("CLAUDE_CONFIG_DIR"), [PathBuf::from("/a"), PathBuf::from("/home/u/b")]);
        assert_eq!(places.folders("CODEX_HOME"), Vec::<PathBuf>::new());
    }

    #[test]
    fn t23_a_folder_has_one_name_on_both_sides_of_wsl() {
        for (there, here) in
            [("C:\\Users\\u\\my-app", "/mnt/c/Users/u/my-app"), ("d:/src", "/mnt/d/src"), ("C:\\", "/mnt/c")]
        {
            assert_eq!(Side::Wsl.here(there).as_deref(), Some(here));
        }
        for (there, here) in [("/mnt/c/Users/u/my-app", "C:\\Users\\u\\my-app"), ("/mnt/d", "D:\\")] {
            assert_eq!(Side::Windows.here(there).as_deref(), Some(here));
        }
        for folder in ["/home/u/app", "/mnt/data/app", "/mnt/cd/app", "relative", "", "C:relative"] {
            assert_eq!([Side::Wsl, Side::Windows, Side::Alone].map(|side| side.here(folder)), [None, None, None]);
        }
        assert_eq!(places(&[("HOME", "/home/u"), ("WSL_DISTRO_NAME", "Debian")]).unwrap().side(), Side::Wsl);
    }

    #[test]
    fn folders_of_the_other_system_may_be_listed_too() {
        let listed = "~/.claude,\\\\wsl.localhost\\Debian\\home\\u\\.claude";
        let places = places(&[("HOME", "/home/u"), ("CLAUDE_CONFIG_DIR", listed)]).unwrap();
        let wsl = PathBuf::from("\\\\wsl.localhost\\Debian\\home\\u\\.claude");
        assert_eq!(places.folders("CLAUDE_CONFIG_DIR"), [PathBuf::from("/home/u/.claude"), wsl]);
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let places = places(&[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "")]).unwrap();
        assert_eq!(places.config_home(), PathBuf::from("/home/u/.config"));
    }

    #[test]
    fn another_home_for_logs_does_not_move_the_ledger() {
        let environment = [("HOME".into(), "/home/u".into())];
        let places = Places::of_user(environment, Some("/backup/home".into()), None).unwrap();
        assert_eq!(places.home(), Path::new("/backup/home"));
        assert!(places.data().starts_with("/home/u"));
    }

    #[test]
    fn without_a_home_the_error_says_what_to_do() {
        assert!(places(&[]).unwrap_err().to_string().contains("--home"));
    }
}

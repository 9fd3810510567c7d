//! Where usage comes from: the trait every source fulfils, and the one list of them.
//!
//! A new agent is one file in `sources/agents/` and one line in [`ALL`]; a test of the core as a whole then names what else
//! it needs. Sources find and read; only [`crate::sync`] lets them near the ledger.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::ledger::LedgerError;
use crate::places::Places;
use crate::sync::Pass;

pub mod agents;
pub mod logs;
mod project;
pub mod providers;
pub mod watch;

/// Every source, in the order in which they are read and shown.
pub const ALL: [&dyn Source; 10] = [
    &agents::claude_code::CLAUDE_CODE,
    &agents::codex::CODEX,
    &agents::opencode::OPENCODE,
    &agents::gemini_cli::GEMINI_CLI,
    &agents::copilot_cli::COPILOT_CLI,
    &agents::qwen_code::QWEN_CODE,
    &agents::cline::CLINE,
    &agents::roo_code::ROO_CODE,
    &agents::kilo_code::KILO_CODE,
    &agents::pi::PI,
];

/// Agents whose files do not say what was used. They are told of where they are found, so that nobody takes their spend
/// for counted.
pub const NOT_COUNTED: [Uncounted; 1] = [agents::cursor::CURSOR];

/// An agent that can be found and cannot be counted.
#[derive(Clone, Copy, Debug)]
pub struct Uncounted {
    /// Stable identifier: `cursor`.
    pub id: &'static str,
    /// What people call it: `Cursor`.
    pub name: &'static str,
    /// Its page in this repository.
    pub docs: &'static str,
    /// Files and folders of which each says that it is used on this machine.
    pub signs: fn(&Places) -> Vec<PathBuf>,
    /// Why it cannot be counted, to be read behind "because".
    pub reason: &'static str,
}

impl Uncounted {
    /// Whether it is used on this machine.
    pub fn is_found(&self, places: &Places) -> bool {
        (self.signs)(places).iter().any(|sign| sign.exists())
    }
}

/// Whether something below a root may tell of calls. Agents also keep repositories there, of thousands of folders.
pub(crate) fn is_ours(name: &OsStr) -> bool {
    name != ".git"
}

/// Something that knows of calls to models.
pub trait Source: Sync {
    /// Stable identifier, in the ledger and on the command line: `claude-code`.
    fn id(&self) -> &'static str;

    /// What people call it: `Claude Code`.
    fn name(&self) -> &'static str;

    /// Its page in this repository: how to connect it, what it can't tell.
    fn docs(&self) -> &'static str;

    /// The folders it reads, whether or not they exist. They are watched for changes.
    fn roots(&self, places: &Places) -> Vec<PathBuf>;

    /// Looks at what there is without reading it. What has to be read is then read for all sources at once, by
    /// `logs::read`.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger does not say what was read before.
    fn survey(&self, pass: &mut Pass<'_>) -> Result<Survey, LedgerError>;
}

/// What a source has to read, as far as can be told without reading.
#[derive(Debug)]
pub struct Survey {
    /// The source's identifier.
    pub source: &'static str,
    /// Files that changed.
    pub(crate) changed: Vec<logs::Changed>,
    /// Files that were read before.
    pub(crate) known: logs::Known,
    /// The first thing that could not be looked at. The rest is read all the same.
    pub(crate) failure: Option<SourceError>,
}

/// A source could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A folder or file refuses to be read.
    #[error("cannot read {}: {cause}. Check its permissions; the figures of the last read stay", path.display())]
    Unreadable {
        /// What was being read.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A database of an agent cannot be asked.
    #[error("cannot read {}: {cause}. It is tried again at the next look; the figures of the last read stay", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        cause: rusqlite::Error,
    },
}

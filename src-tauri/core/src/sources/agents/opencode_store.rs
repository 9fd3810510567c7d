//! The database of opencode and of the agents made from it, and what is the same in every form of its messages.
//!
//! `message` has the messages of version 1, `session_message` those of version 2, each a JSON text with a few columns
//! beside it. `session` and `session_v2` say which session is a subagent's. Every other figure in the database repeats
//! the messages': sums per session, and the parts of a message.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Statement, ffi};

use super::caller::Caller;
use super::opencode::Message;
use super::opencode_changes::Seen;
use crate::sources::logs::{LineError, Sink, json};
use crate::usage::{Attribution, Basis, CacheWrites, UsageRecord, Witness};

/// Messages longer than this are not read. Calls have a few hundred bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Subagents of subagents are followed up to here. A session may be its own parent in a damaged database.
const DEEPEST: usize = 32;

/// A form of messages: where they are and which kinds tell of calls.
struct Form {
    table: &'static str,
    only: &'static str,
    /// The tables that may have their sessions.
    sessions: &'static [&'static str],
}

const FORMS: [Form; 2] = [
    Form { table: "message", only: "TRUE", sessions: &["session"] },
    // A compaction is a call as well.
    Form {
        table: "session_message",
        only: "type IN ('assistant', 'compaction')",
        sessions: &["session_v2", "session"],
    },
];

/// What is remembered of a database: what was seen, by table.
type Memory = BTreeMap<String, Seen>;

/// Gives the calls that are new since `memory`.
pub(super) fn calls(
    source: &'static str,
    database: &Connection,
    memory: &str,
    sink: &mut dyn Sink,
) -> rusqlite::Result<String> {
    let tables = tables(database)?;
    let has = |table: &str| tables.iter().any(|known| known == table);
    if !tables.is_empty() && !FORMS.iter().any(|form| has(form.table)) {
        return Err(unknown("it has none of the tables with messages that this version knows"));
    }
    // What an older version remembered is not understood; then all is read once.
    let mut memory: Memory = serde_json::from_str(memory).unwrap_or_default();
    memory.retain(|table, _| has(table));
    let mut attributed = Attributed::of(source);
    for Form { table, only, sessions } in FORMS.iter().filter(|form| has(form.table)) {
        let seen = memory.entry((*table).to_owned()).or_default();
        // A text may be long, and its length is known without reading it.
        let mut rows = prepare(
            database,
            &format!("SELECT rowid, time_updated, octet_length(data) FROM {table} WHERE {only} ORDER BY rowid"),
        )?;
        let changed = seen.take_in(&mut rows)?;
        let mut sessions = Sessions::new(database, sessions.iter().copied().filter(|table| has(table)))?;
        let mut messages = prepare(
            database,
            &format!(
                "SELECT rowid, session_id, CASE WHEN octet_length(data) <= {LONGEST} THEN data END
                 FROM {table} WHERE rowid BETWEEN ?1 AND ?2 AND {only}"
            ),
        )?;
        for range in changed {
            let mut rows = messages.query([range.start(), range.end()])?;
            while let Some(row) = rows.next()? {
                match message(row, &mut sessions, &mut attributed) {
                    Ok(record) => record.into_iter().for_each(|record| sink.call(record)),
                    Err(error) => {
                        let number = row.get(0)?;
                        if seen.is_news(number) {
                            sink.skip(u64::try_from(number).unwrap_or_default(), error);
                        }
                    }
                }
            }
        }
    }
    Ok(serde_json::to_string(&memory).unwrap_or_default())
}

fn message(
    row: &rusqlite::Row<'_>,
    sessions: &mut Sessions<'_>,
    attributed: &mut Attributed,
) -> Result<Option<UsageRecord>, LineError> {
    let damaged = |_| LineError::new("the row cannot be read");
    let text = match row.get_ref(2).map_err(damaged)? {
        ValueRef::Text(text) | ValueRef::Blob(text) => text,
        ValueRef::Null => return Err(LineError::new("longer than 16 MiB")),
        _ => return Err(LineError::new("it is no JSON")),
    };
    let Some(message) = Message::parse(json(text)?)? else { return Ok(None) };
    let session = match row.get_ref(1).map_err(damaged)? {
        ValueRef::Text(id) => String::from_utf8_lossy(id),
        _ => Cow::Borrowed(""),
    };
    attributed.record(&message, sessions.root_of(&session))
}

/// The tables of the database; empty for one that was just made.
fn tables(database: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    names.query_map([], |row| row.get(0))?.collect()
}

fn prepare<'d>(database: &'d Connection, query: &str) -> rusqlite::Result<Statement<'d>> {
    database.prepare(query).map_err(|cause| match cause {
        rusqlite::Error::SqlInputError { msg, .. } => unknown(&msg),
        other => other,
    })
}

/// The database is of a form that has come or gone with another version of its agent.
fn unknown(what: &str) -> rusqlite::Error {
    let reason = format!("{what}. If the agent is newer than Spendmeter, update Spendmeter");
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_SCHEMA), Some(reason))
}

/// What is known of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Session {
    /// The session that began it, for a subagent's.
    pub(super) parent: Option<String>,
    pub(super) directory: Option<String>,
    /// Milliseconds since 1970.
    pub(super) created: Option<i64>,
}

/// A session, and the one that a person began and to which it belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rooted {
    root: Option<String>,
    is_subagent: bool,
    session: Session,
}

impl Session {
    /// Follows the session with this id to the one that a person began, through `known`.
    pub(super) fn root_of(id: &str, known: &mut dyn FnMut(&str) -> Option<Self>) -> Rooted {
        let session = known(id).unwrap_or_default();
        let mut root = id.to_owned();
        let mut next = session.parent.clone();
        for _ in 0..DEEPEST {
            let Some(parent) = next.filter(|parent| !parent.is_empty() && *parent != root) else { break };
            next = known(&parent).and_then(|session| session.parent);
            root = parent;
        }
        Rooted { is_subagent: root != id, root: Some(root).filter(|root| !root.is_empty()), session }
    }
}

/// The sessions of a database, each asked for once.
struct Sessions<'d> {
    queries: Vec<Statement<'d>>,
    known: HashMap<String, Rooted>,
}

impl<'d> Sessions<'d> {
    fn new(database: &'d Connection, tables: impl Iterator<Item = &'static str>) -> rusqlite::Result<Self> {
        let query = |table| format!("SELECT parent_id, directory, time_created FROM {table} WHERE id = ?1");
        let queries = tables.map(|table| prepare(database, &query(table))).collect::<Result<_, _>>()?;
        Ok(Self { queries, known: HashMap::new() })
    }

    fn root_of(&mut self, id: &str) -> &Rooted {
        if !self.known.contains_key(id) {
            let rooted = Session::root_of(id, &mut |id| {
                self.queries.iter_mut().find_map(|query| {
                    // What cannot be read of a session is not known of it; its calls count all the same.
                    let found = query.query_row([id], |row| {
                        let parent = row.get(0).unwrap_or_default();
                        let directory = row.get(1).unwrap_or_default();
                        Ok(Session { parent, directory, created: row.get(2).unwrap_or_default() })
                    });
                    found.optional().ok().flatten()
                })
            });
            self.known.insert(id.to_owned(), rooted);
        }
        &self.known[id]
    }
}

/// Makes records of messages. Who made them is kept, since most often the next message has the same.
pub(super) struct Attributed {
    source: &'static str,
    last: Arc<Attribution>,
}

impl Attributed {
    pub(super) fn of(source: &'static str) -> Self {
        Self { source, last: Arc::default() }
    }

    /// The call that a message of a session tells of.
    pub(super) fn record(&mut self, message: &Message<'_>, session: &Rooted) -> Result<Option<UsageRecord>, LineError> {
        let Some(tokens) = message.tokens()? else { return Ok(None) };
        let occurred_at = message.occurred_at()?;
        let model = [message.provider(), message.model()].map(Option::unwrap_or_default).join("/");
        let counts = [tokens.input, tokens.cache_read, tokens.cache_write_short, tokens.output, tokens.reasoning];
        let counts = counts.map(|count| count.to_string()).join("-");
        // A session has no messages from before it began, unless they were copied into it.
        let is_copy = session.session.created > message.created();
        let directory = session.session.directory.as_deref();
        let caller = Caller {
            provider: message.provider(),
            model: message.model(),
            project: message.cwd().or(directory).filter(|folder| !folder.is_empty()),
            session: session.root.as_deref(),
            subagent: message.agent().filter(|_| session.is_subagent),
            ..Caller::default()
        };
        Ok(Some(UsageRecord {
            source: self.source,
            key: format!("{}/{model}/{counts}", occurred_at.as_millisecond()),
            occurred_at,
            tokens,
            cache_writes: CacheWrites::WithoutLifetime,
            is_sum: false,
            web_searches: 0,
            basis: Basis::Estimated,
            reported: None,
            attribution: caller.attribution(self.source, &mut self.last),
            witness: if is_copy { Witness::Secondary } else { Witness::Primary },
        }))
    }
}

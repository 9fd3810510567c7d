//! Interned text, and the combinations of it that say who spent.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::{Ledger, LedgerError};
use crate::usage::{Attribution, Tier};

/// The columns of `attribution` behind its id, in the order of [`columns`] and [`from_row`].
pub(super) const COLUMNS: [&str; 14] = [
    "agent",
    "provider",
    "model",
    "project",
    "branch",
    "workflow",
    "prompt_version",
    "user",
    "session",
    "subagent",
    "client",
    "api_key",
    "tier",
    "region",
];

/// Row 0 of `name`: not known.
const UNKNOWN: i64 = 0;

/// Names and attributions that are remembered at a time. Logs have few, but for the ids of turns.
const REMEMBERED: usize = 65_536;

impl Ledger {
    /// Every model that was ever called, as calls name it, with who served it.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn used_models(&self) -> Result<Vec<(Option<String>, String)>, LedgerError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT provider.text, model.text FROM attribution
                 JOIN name AS provider ON provider.id = provider JOIN name AS model ON model.id = model
                 WHERE model.id <> 0 ORDER BY 2, 1",
            )?;
            let known = |text: String| Some(text).filter(|text| !text.is_empty());
            statement.query_map([], |row| Ok((known(row.get(0)?), row.get(1)?)))?.collect()
        })
    }

    /// The folders of all projects that had a call before `end`; empty for calls of no known project.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn projects_before(&self, end: Timestamp) -> Result<Vec<String>, LedgerError> {
        self.read(|connection| {
            // From each project to the next one: there are few of them, and many attributions.
            let mut statement = connection.prepare_cached(
                "WITH RECURSIVE project (id) AS (
                   SELECT min(project) FROM attribution
                   UNION ALL
                   SELECT (SELECT min(project) FROM attribution WHERE project > project.id) FROM project
                   WHERE id IS NOT NULL)
                 SELECT text FROM project JOIN name USING (id)
                 WHERE EXISTS (
                   SELECT 1 FROM attribution CROSS JOIN usage ON usage.attribution = attribution.id
                   WHERE project = name.id AND occurred_at < ?1)",
            )?;
            let folders = statement.query_map([end.as_millisecond()], |row| row.get(0))?;
            folders.collect()
        })
    }
}

/// Gives text and attributions their ids, within one transaction.
pub(super) struct Interner<'l> {
    connection: &'l Connection,
    names: HashMap<String, i64>,
    attributions: HashMap<[i64; COLUMNS.len()], i64>,
    /// The last attribution, which is most often the next one, too.
    last: Option<(Arc<Attribution>, Interned)>,
}

/// Ids of an attribution and of what is kept beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interned {
    pub(super) attribution: i64,
    pub(super) task: i64,
    pub(super) tool: i64,
}

impl<'l> Interner<'l> {
    pub(super) fn new(connection: &'l Connection) -> Self {
        Self { connection, names: HashMap::new(), attributions: HashMap::new(), last: None }
    }

    /// The id of `text`, which is made if need be.
    pub(super) fn name(&mut self, text: Option<&str>) -> rusqlite::Result<i64> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(UNKNOWN) };
        if let Some(id) = self.names.get(text) {
            return Ok(*id);
        }
        let found = self
            .connection
            .prepare_cached("SELECT id FROM name WHERE text = ?1")?
            .query_row([text], |row| row.get(0))
            .optional()?;
        let id = match found {
            Some(id) => id,
            None => self.connection.prepare_cached("INSERT INTO name (text) VALUES (?1)")?.insert([text])?,
        };
        if self.names.len() >= REMEMBERED {
            self.names.clear();
        }
        self.names.insert(text.to_owned(), id);
        Ok(id)
    }

    /// The ids of all that `attribution` says, which are made if need be.
    pub(super) fn intern(&mut self, attribution: &Arc<Attribution>) -> rusqlite::Result<Interned> {
        if let Some((last, interned)) = &self.last
            && (Arc::ptr_eq(last, attribution) || last == attribution)
        {
            return Ok(*interned);
        }
        let interned = Interned {
            attribution: self.combination(attribution)?,
            task: self.name(attribution.task.as_deref())?,
            tool: self.name(attribution.tool.as_deref())?,
        };
        self.last = Some((Arc::clone(attribution), interned));
        Ok(interned)
    }

    fn combination(&mut self, attribution: &Attribution) -> rusqlite::Result<i64> {
        let mut ids = [UNKNOWN; COLUMNS.len()];
        for (id, text) in ids.iter_mut().zip(columns(attribution)) {
            *id = self.name(text)?;
        }
        if let Some(id) = self.attributions.get(&ids) {
            return Ok(*id);
        }
        let matching = COLUMNS.map(|column| format!("{column} = ?")).join(" AND ");
        let found = self
            .connection
            .prepare_cached(&format!("SELECT id FROM attribution WHERE {matching}"))?
            .query_row(params_from_iter(ids), |row| row.get(0))
            .optional()?;
        let id = if let Some(id) = found {
            id
        } else {
            let (columns, places) = (COLUMNS.join(", "), COLUMNS.map(|_| "?").join(", "));
            self.connection
                .prepare_cached(&format!("INSERT INTO attribution ({columns}) VALUES ({places})"))?
                .insert(params_from_iter(ids))?
        };
        if self.attributions.len() >= REMEMBERED {
            self.attributions.clear();
        }
        self.attributions.insert(ids, id);
        Ok(id)
    }
}

/// The text of each of [`COLUMNS`].
fn columns(attribution: &Attribution) -> [Option<&str>; COLUMNS.len()] {
    let Attribution {
        agent,
        provider,
        model,
        project,
        branch,
        workflow,
        prompt_version,
        user,
        session,
        task: _,
        subagent,
        tool: _,
        client,
        api_key,
        tier,
        region,
    } = attribution;
    [
        agent.as_deref(),
        provider.as_deref(),
        model.as_deref(),
        project.as_deref(),
        branch.as_deref(),
        workflow.as_deref(),
        prompt_version.as_deref(),
        user.as_deref(),
        session.as_deref(),
        subagent.as_deref(),
        client.as_deref(),
        api_key.as_deref(),
        Some(tier.as_str()),
        region.as_deref(),
    ]
}

/// SQL that yields the texts of [`COLUMNS`] for the `attribution` in scope.
pub(super) fn select_texts() -> String {
    COLUMNS.map(|column| format!("(SELECT text FROM name WHERE id = attribution.{column})")).join(", ")
}

/// Reads what [`select_texts`] selected, from column `first` on.
pub(super) fn from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<Attribution> {
    let text = |column: usize| -> rusqlite::Result<Option<String>> {
        let text: String = row.get(first + column)?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    };
    Ok(Attribution {
        agent: text(0)?,
        provider: text(1)?,
        model: text(2)?,
        project: text(3)?,
        branch: text(4)?,
        workflow: text(5)?,
        prompt_version: text(6)?,
        user: text(7)?,
        session: text(8)?,
        task: None,
        subagent: text(9)?,
        tool: None,
        client: text(10)?,
        api_key: text(11)?,
        tier: Tier::named(&text(12)?.unwrap_or_default()),
        region: text(13)?,
    })
}

//! Interned text, and the combinations of it that say who spent.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row, Transaction, params_from_iter};

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

/// Gives text and attributions their ids, within one transaction.
pub(super) struct Interner<'t> {
    transaction: &'t Transaction<'t>,
    names: HashMap<String, i64>,
    attributions: HashMap<[i64; COLUMNS.len()], i64>,
}

impl<'t> Interner<'t> {
    pub(super) fn new(transaction: &'t Transaction<'t>) -> Self {
        Self { transaction, names: HashMap::new(), attributions: HashMap::new() }
    }

    /// The id of `text`, which is made if need be.
    pub(super) fn name(&mut self, text: Option<&str>) -> rusqlite::Result<i64> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(UNKNOWN) };
        if let Some(id) = self.names.get(text) {
            return Ok(*id);
        }
        let found = self
            .transaction
            .prepare_cached("SELECT id FROM name WHERE text = ?1")?
            .query_row([text], |row| row.get(0))
            .optional()?;
        let id = match found {
            Some(id) => id,
            None => self.transaction.prepare_cached("INSERT INTO name (text) VALUES (?1)")?.insert([text])?,
        };
        self.names.insert(text.to_owned(), id);
        Ok(id)
    }

    /// The id of the combination, which is made if need be.
    pub(super) fn attribution(&mut self, attribution: &Attribution) -> rusqlite::Result<i64> {
        let mut ids = [UNKNOWN; COLUMNS.len()];
        for (id, text) in ids.iter_mut().zip(columns(attribution)) {
            *id = self.name(text)?;
        }
        if let Some(id) = self.attributions.get(&ids) {
            return Ok(*id);
        }
        let matching = COLUMNS.map(|column| format!("{column} = ?")).join(" AND ");
        let found = self
            .transaction
            .prepare_cached(&format!("SELECT id FROM attribution WHERE {matching}"))?
            .query_row(params_from_iter(ids), |row| row.get(0))
            .optional()?;
        let id = if let Some(id) = found {
            id
        } else {
            let (columns, places) = (COLUMNS.join(", "), COLUMNS.map(|_| "?").join(", "));
            self.transaction
                .prepare_cached(&format!("INSERT INTO attribution ({columns}) VALUES ({places})"))?
                .insert(params_from_iter(ids))?
        };
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

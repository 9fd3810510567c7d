//! What one transcript repeats of another: forks take the conversation along, side questions its last rows.

use std::collections::VecDeque;
use std::path::Path;

use anyhow::Result;

use super::{State, Transcript, request_id};
use crate::corpus::log::{TurnEnd, field, rows, with_field};
use crate::corpus::truth::{Construct, Counts};

impl Transcript<'_> {
    /// Takes over the parent's rows up to `end`, as a fork does.
    pub(crate) fn fork(&mut self, parent: &Path, end: TurnEnd<State>) -> Result<()> {
        let id = self.session.id.clone();
        let construct = if self.session.version.marks_forks() {
            Construct::TakenAlongByMarkedFork
        } else {
            Construct::TakenAlongByFork
        };
        let mut copied = None;
        for row in rows(parent, end.bytes)? {
            let row = row?;
            // Only rows of the conversation are taken along.
            if !row.contains("\"uuid\":\"") {
                continue;
            }
            let mut copy = with_field(&row, "sessionId", &id);
            if let Some(stated) = Stated::in_row(&row) {
                if self.session.version.marks_forks() {
                    let original = field(&row, "requestSessionId").or_else(|| field(&row, "sessionId"));
                    let original = original.unwrap_or_default();
                    copy = format!("{},\"requestSessionId\":\"{original}\"}}", copy.strip_suffix('}').unwrap_or(&copy));
                }
                if self.session.through_gateway {
                    self.truth.has(Construct::RepeatedWithoutRequestId, stated.tokens);
                }
                self.copied(construct, &mut copied, stated);
            }
            self.parent = field(&row, "uuid").map(str::to_owned);
            self.log.line(format_args!("{copy}"))?;
        }
        self.copied_all(construct, copied);
        (self.clock, self.state) = (end.at, end.state);
        Ok(())
    }

    /// Repeats the last rows before `end` of the conversation that a side question is asked about.
    pub(crate) fn repeat(&mut self, main: &Path, end: TurnEnd<State>) -> Result<()> {
        const REPEATED: usize = 30;
        let mut last = VecDeque::with_capacity(REPEATED);
        for row in rows(main, end.bytes)? {
            if last.len() == REPEATED {
                last.pop_front();
            }
            last.push_back(row?);
        }
        let side = format!("\"isSidechain\":true,\"agentId\":\"{}\"", self.side.as_deref().unwrap_or_default());
        let mut request = String::new();
        let mut copied = None;
        for row in last.iter().filter(|row| is_said(row)) {
            let mut copy = row.replacen("\"isSidechain\":false", &side, 1);
            if let Some(stated) = Stated::in_row(row) {
                if copied.as_ref().is_none_or(|before: &Stated| before.id != stated.id) {
                    request = request_id(&mut self.random);
                }
                copy = with_field(&copy, "requestId", &request);
                if !self.session.through_gateway {
                    self.copied(Construct::RepeatedBySideQuestion, &mut copied, stated);
                }
            }
            self.log.line(format_args!("{copy}"))?;
        }
        self.copied_all(Construct::RepeatedBySideQuestion, copied);
        (self.clock, self.state) = (end.at, end.state);
        Ok(())
    }

    /// Counts a copied line, and the response before it once this is another one.
    fn copied(&mut self, construct: Construct, before: &mut Option<Stated>, stated: Stated) {
        match before {
            Some(before) if before.id == stated.id => {
                if stated.tokens.output > before.tokens.output {
                    *before = stated;
                }
            }
            _ => self.copied_all(construct, before.replace(stated)),
        }
    }

    fn copied_all(&mut self, construct: Construct, last: Option<Stated>) {
        if let Some(last) = last {
            self.truth.has(construct, last.tokens);
        }
    }
}

/// A response as a row states it.
struct Stated {
    id: String,
    tokens: Counts,
}

impl Stated {
    fn in_row(row: &str) -> Option<Self> {
        if !row.contains("\"usage\":{") {
            return None;
        }
        let row: serde_json::Value = serde_json::from_str(row).ok()?;
        let message = Some(&row["message"]).filter(|message| message["usage"].is_object())?;
        let usage = &message["usage"];
        let count = |figure: &serde_json::Value| figure.as_u64().unwrap_or_default();
        let split = &usage["cache_creation"];
        Some(Self {
            id: message["id"].as_str()?.to_owned(),
            tokens: Counts {
                requests: 1,
                input: count(&usage["input_tokens"]),
                cache_read: count(&usage["cache_read_input_tokens"]),
                cache_write_5m: count(&split["ephemeral_5m_input_tokens"]),
                cache_write_1h: count(&split["ephemeral_1h_input_tokens"]),
                output: count(&usage["output_tokens"]),
                reasoning: 0,
            },
        })
    }
}

/// Whether a row is what person or model said.
fn is_said(row: &str) -> bool {
    row.contains("\"type\":\"user\",") || row.contains("\"type\":\"assistant\",")
}

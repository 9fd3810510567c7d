//! Rollouts as Codex writes them: running totals that are repeated, later a record per response; forks with and without
//! their parent's history.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::filler::Filler;
use super::log::{Log, Moment, TurnEnd, hex, identifier, rows, uuid_of, with_field};
use super::random::Random;
use super::truth::{Construct, Counts, Truth};

/// A version of Codex whose logs differ from those of others; the newest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V0_101,
    V0_114,
    V0_128,
    V0_169,
}

impl Version {
    /// From the oldest to the newest.
    pub(crate) const ALL: [Self; 4] = [Self::V0_101, Self::V0_114, Self::V0_128, Self::V0_169];

    fn name(self) -> &'static str {
        match self {
            Self::V0_101 => "0.101.0",
            Self::V0_114 => "0.114.0",
            Self::V0_128 => "0.128.0",
            Self::V0_169 => "0.169.0",
        }
    }

    /// Writes running totals again when nothing was used.
    fn repeats_totals(self) -> bool {
        matches!(self, Self::V0_101 | Self::V0_114)
    }

    /// Turns have ids, and the parent's first row comes along in forks.
    fn names_turns(self) -> bool {
        self != Self::V0_101
    }

    /// Forks and subagents begin with their parent's rows, at new times.
    fn copies_history(self) -> bool {
        self != Self::V0_169
    }

    /// What comes of a conversation is a subagent's, not a fork.
    pub(crate) fn spawns(self) -> bool {
        self == Self::V0_128
    }

    /// Rows have numbers, and each response a record of its own.
    fn records_responses(self) -> bool {
        self == Self::V0_169
    }
}

/// What a conversation knows about another one that it came from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'p> {
    /// A person began it.
    Fresh,
    /// A person forked it at this place of another rollout.
    Fork(&'p Parent, TurnEnd<State>),
    /// An agent spawned it there.
    Spawned(&'p Parent, TurnEnd<State>),
}

/// A rollout from which others may come.
#[derive(Clone, Debug)]
pub(crate) struct Parent {
    pub(crate) path: PathBuf,
    pub(crate) session: Session,
    pub(crate) ends: Vec<TurnEnd<State>>,
}

/// What holds for a whole conversation.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) cwd: String,
    pub(crate) branch: &'static str,
    pub(crate) version: Version,
    pub(crate) model: &'static str,
}

/// How far a conversation is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct State {
    total: Usage,
    /// Tokens that the next call sends again.
    context: u64,
    /// Number of the next row.
    ordinal: u64,
}

/// Figures as Codex means them: what was cached is part of the input, reasoning part of the output.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    input: u64,
    cached: u64,
    output: u64,
    reasoning: u64,
}

impl Usage {
    fn plus(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            cached: self.cached + other.cached,
            output: self.output + other.output,
            reasoning: self.reasoning + other.reasoning,
        }
    }

    fn json(self, version: Version) -> String {
        let Self { input, cached, output, reasoning } = self;
        let written = if version.records_responses() { r#""cache_write_input_tokens":0,"# } else { "" };
        format!(
            r#"{{"input_tokens":{input},"cached_input_tokens":{cached},{written}"output_tokens":{output},"reasoning_output_tokens":{reasoning},"total_tokens":{}}}"#,
            input + output
        )
    }

    fn counts(self) -> Counts {
        Counts {
            requests: 1,
            input: self.input - self.cached,
            cache_read: self.cached,
            output: self.output,
            reasoning: self.reasoning,
            ..Counts::default()
        }
    }
}

/// A rollout being written.
pub(crate) struct Rollout<'c> {
    session: Session,
    log: Log,
    filler: &'c Filler,
    truth: &'c mut Truth,
    random: Random,
    clock: Moment,
    last_moment: Moment,
    state: State,
    turn: String,
    size: u64,
    ends: Vec<TurnEnd<State>>,
}

impl<'c> Rollout<'c> {
    /// Begins a rollout that is to become `size` bytes.
    #[expect(clippy::too_many_arguments, reason = "what a conversation is made of; named once, by the tree's plan")]
    pub(crate) fn begin(
        path: PathBuf,
        session: Session,
        origin: Origin<'_>,
        size: u64,
        (clock, last_moment): (Moment, Moment),
        filler: &'c Filler,
        truth: &'c mut Truth,
        random: Random,
    ) -> Result<Self> {
        let log = Log::create(path)?;
        let (state, turn, ends) = (State::default(), String::new(), Vec::new());
        let mut rollout = Self { session, log, filler, truth, random, clock, last_moment, state, turn, size, ends };
        rollout.meta(origin)?;
        if let Origin::Fork(parent, end) | Origin::Spawned(parent, end) = origin {
            if rollout.session.version.copies_history() {
                rollout.copy(&parent.path, end)?;
            } else {
                rollout.truth.has(Construct::TotalInherited, end.state.total.counts());
            }
            rollout.state = end.state;
        }
        Ok(rollout)
    }

    /// Writes turns until the file is full.
    pub(crate) fn finish(mut self) -> Result<Parent> {
        while self.log.written() < self.size {
            self.turn()?;
        }
        let path = self.log.path().to_owned();
        self.log.close(self.clock, self.truth)?;
        Ok(Parent { path, session: self.session, ends: self.ends })
    }

    fn meta(&mut self, origin: Origin<'_>) -> Result<()> {
        let instructions = self.text(11_000, 21_000);
        let at = self.clock.text();
        let Session { id, cwd, branch, version, .. } = self.session.clone();
        let mut lineage = String::new();
        let mut source = r#""cli""#.to_owned();
        match origin {
            Origin::Fresh => {}
            Origin::Fork(parent, end) => {
                lineage = format!(r#""forked_from_id":"{}","#, parent.session.id);
                if !version.copies_history() {
                    let (parent, ordinal, bytes) = (&parent.session.id, end.state.ordinal, end.bytes);
                    lineage = format!(
                        r#"{lineage}"forked_from_ordinal_exclusive":{ordinal},"history_base":{{"thread_id":"{parent}","end_ordinal_exclusive":{ordinal},"end_byte_offset":{bytes}}},"history_mode":"paginated","#
                    );
                }
            }
            Origin::Spawned(parent, _end) => {
                source = format!(
                    r#"{{"subagent":{{"thread_spawn":{{"parent_thread_id":"{}","depth":1,"agent_role":"worker"}}}}}}"#,
                    parent.session.id
                );
            }
        }
        let commit = hex(&mut self.random, 40);
        self.row(
            "session_meta",
            &format!(
                r#"{{"id":"{id}",{lineage}"timestamp":"{at}","cwd":"{cwd}","originator":"codex_cli_rs","cli_version":"{}","source":{source},"model_provider":"openai","base_instructions":{{"text":"{instructions}"}},"git":{{"commit_hash":"{commit}","branch":"{branch}","repository_url":"https://example.com/dev/app.git"}}}}"#,
                version.name()
            ),
        )
    }

    /// Takes over the parent's rows up to `end`, all of them written now.
    fn copy(&mut self, parent: &Path, end: TurnEnd<State>) -> Result<()> {
        for (number, row) in rows(parent, end.bytes)?.enumerate() {
            let row = row?;
            // It is written as fast as a disk writes.
            if number % 20 == 19 {
                self.wait(1);
            }
            // The parent's own first row comes along in some versions only.
            if row.contains("\"type\":\"session_meta\"") && !self.session.version.names_turns() {
                continue;
            }
            if row.contains("\"type\":\"token_count\",\"info\":{") {
                self.truth.has(Construct::TotalCopied, Counts::default());
            }
            let copy = with_field(&row, "timestamp", &self.clock.text());
            self.log.line(format_args!("{copy}"))?;
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<()> {
        self.turn = uuid_of(self.clock, &mut self.random);
        let turn = self.named_turn();
        let Session { cwd, model, .. } = self.session.clone();
        self.event(
            "task_started",
            &format!(r#"{turn}"model_context_window":258400,"collaboration_mode_kind":"default""#),
        )?;
        let instructions = self.text(700, 6_000);
        self.row(
            "turn_context",
            &format!(
                r#"{{{turn}"cwd":"{cwd}","approval_policy":"never","sandbox_policy":{{"type":"danger-full-access"}},"model":"{model}","effort":"high","summary":"auto","user_instructions":"{instructions}"}}"#
            ),
        )?;
        let prompt = self.text(400, 6_000);
        self.event(
            "user_message",
            &format!(r#""message":"{prompt}","images":[],"local_images":[],"text_elements":[]"#),
        )?;
        self.event("token_count", &format!(r#""info":null,{LIMITS}"#))?;
        let calls = self.random.skewed(6, 40);
        for call in 0..=calls {
            let is_last = call == calls || self.log.written() >= self.size;
            self.call(is_last)?;
            if is_last {
                break;
            }
        }
        let answer = self.text(900, 6_000);
        self.event("task_complete", &format!(r#"{turn}"last_agent_message":"{answer}""#))?;
        self.ends.push(TurnEnd { bytes: self.log.written(), at: self.clock, state: self.state });
        let pause = if self.random.one_in(10) {
            self.random.between(8, 14) * 3_600_000
        } else {
            self.random.skewed(300_000, 7_200_000)
        };
        self.wait(pause);
        Ok(())
    }

    fn call(&mut self, is_last: bool) -> Result<()> {
        let seconds = self.random.skewed(11, 300);
        self.wait(seconds * 1_000);
        let usage = self.next_usage();
        let reasoning = self.picture(1_200, 30_000);
        self.item("reasoning", &format!(r#""summary":[],"content":null,"encrypted_content":"{reasoning}""#))?;
        if is_last || self.random.one_in(3) {
            let text = self.text(500, 6_000);
            self.event("agent_message", &format!(r#""message":"{text}","phase":"commentary""#))?;
        }
        let tool = format!("call_{}", identifier(&mut self.random, 24));
        if !is_last {
            let command = self.text(200, 1_500).replace('\\', r"\\");
            self.item(
                "function_call",
                &format!(
                    r#""name":"exec_command","arguments":"{{\"cmd\":\"{}\"}}","call_id":"{tool}""#,
                    command.replace(r#"\\""#, r#"\\\""#)
                ),
            )?;
        }
        self.used(usage)?;
        if !is_last {
            let seconds = self.random.skewed(2, 300);
            self.wait(seconds * 1_000);
            let output = self.text(2_400, 40_000);
            self.item("function_call_output", &format!(r#""call_id":"{tool}","output":"{output}""#))?;
        }
        if self.session.version.repeats_totals() && self.random.percent(45) {
            self.truth.has(Construct::TotalAgain, usage.counts());
            self.total(usage)?;
        }
        Ok(())
    }

    fn next_usage(&mut self) -> Usage {
        if self.state.context == 0 || self.state.context > 220_000 {
            self.state.context = self.random.between(9_000, 14_000);
        }
        let input = self.state.context + self.random.skewed(1_700, 20_000);
        // The cache works in blocks of 128.
        let cached = if self.random.one_in(15) { 0 } else { self.state.context / 128 * 128 };
        let output = self.random.skewed(380, 12_000);
        let reasoning = self.random.below(output);
        self.state.context = input + output - reasoning;
        Usage { input, cached, output, reasoning }
    }

    /// Says what a call used.
    fn used(&mut self, usage: Usage) -> Result<()> {
        self.state.total = self.state.total.plus(usage);
        if self.session.version.records_responses() {
            let (id, version) = (&self.session.id, self.session.version);
            let (turn, total) = (&self.turn, self.state.total.json(version));
            let usage = usage.json(version);
            let response = hex(&mut self.random, 32);
            let payload = format!(
                r#"{{"thread_id":"{id}","turn_id":"{turn}","session_id":"{id}","root_turn_id":"{turn}","response_id":"resp_{response}","usage":{usage},"turn_token_usage":{usage},"thread_token_usage":{total}}}"#
            );
            self.row("token_usage_record", &payload)?;
        }
        self.total(usage)?;
        self.truth.call(self.session.model, usage.counts());
        Ok(())
    }

    fn total(&mut self, last: Usage) -> Result<()> {
        let version = self.session.version;
        let (total, last) = (self.state.total.json(version), last.json(version));
        self.event(
            "token_count",
            &format!(r#""info":{{"total_token_usage":{total},"last_token_usage":{last},"model_context_window":258400}},{LIMITS}"#),
        )
    }

    fn named_turn(&self) -> String {
        if self.session.version.names_turns() { format!(r#""turn_id":"{}","#, self.turn) } else { String::new() }
    }

    fn event(&mut self, kind: &str, fields: &str) -> Result<()> {
        self.row("event_msg", &format!(r#"{{"type":"{kind}",{fields}}}"#))
    }

    fn item(&mut self, kind: &str, fields: &str) -> Result<()> {
        self.row("response_item", &format!(r#"{{"type":"{kind}",{fields}}}"#))
    }

    fn row(&mut self, kind: &str, payload: &str) -> Result<()> {
        let at = self.clock.text();
        let ordinal = if self.session.version.records_responses() {
            format!(r#""ordinal":{},"#, self.state.ordinal)
        } else {
            String::new()
        };
        self.state.ordinal += 1;
        self.log.line(format_args!(r#"{{"timestamp":"{at}",{ordinal}"type":"{kind}","payload":{payload}}}"#))
    }

    fn wait(&mut self, milliseconds: u64) {
        self.clock = self.clock.after(milliseconds, self.last_moment);
    }

    fn text(&mut self, median: u64, most: u64) -> String {
        let bytes = self.random.skewed(median, most).min(self.room() / 2);
        self.filler.text(&mut self.random, bytes).to_owned()
    }

    fn picture(&mut self, median: u64, most: u64) -> String {
        let bytes = self.random.skewed(median, most).min(self.room() / 2);
        self.filler.picture(&mut self.random, bytes).to_owned()
    }

    /// Bytes that still fit into the file.
    fn room(&self) -> u64 {
        self.size.saturating_sub(self.log.written())
    }
}

/// What stands beside every running total.
const LIMITS: &str = r#""rate_limits":{"limit_id":"codex","limit_name":null,"primary":{"used_percent":27.0,"window_minutes":300,"resets_at":1777916880},"secondary":null,"credits":null,"plan_type":"pro"}"#;

//! Transcripts as Claude Code writes them: a line per content block, usage repeated on each, tool results between.

mod copies;

use std::path::PathBuf;

use anyhow::Result;

use super::filler::Filler;
use super::log::{Log, Moment, TurnEnd, hex, identifier, uuid};
use super::random::Random;
use super::truth::{Construct, Counts, Truth};

/// A version of Claude Code whose logs differ from those of others; the newest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V2_1_81,
    V2_1_121,
    V2_1_185,
    V2_1_330,
}

impl Version {
    /// From the oldest to the newest.
    pub(crate) const ALL: [Self; 4] = [Self::V2_1_81, Self::V2_1_121, Self::V2_1_185, Self::V2_1_330];

    fn name(self) -> &'static str {
        match self {
            Self::V2_1_81 => "2.1.81",
            Self::V2_1_121 => "2.1.121",
            Self::V2_1_185 => "2.1.185",
            Self::V2_1_330 => "2.1.330",
        }
    }

    /// Usage grows from line to line of a response; later versions write the final one on all.
    fn streams(self) -> bool {
        self == Self::V2_1_81
    }

    /// Subagents report in `progress` rows of their parent.
    fn reports_progress(self) -> bool {
        self == Self::V2_1_81
    }

    /// Now and then all figures of a response are zero but those of its rounds.
    fn loses_figures(self) -> bool {
        self == Self::V2_1_185
    }

    /// A fork says in which session a call was made.
    fn marks_forks(self) -> bool {
        self == Self::V2_1_330
    }

    /// Writes more about each request.
    fn is_talkative(self) -> bool {
        self == Self::V2_1_330
    }
}

/// What Claude Code asks for by itself for small errands.
const SMALL_MODEL: &str = "claude-haiku-4-5-20251001";
/// What it calls the answers that it makes up when there is none.
const NO_MODEL: &str = "<synthetic>";

/// What holds for a whole conversation.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) cwd: String,
    pub(crate) branch: &'static str,
    pub(crate) version: Version,
    pub(crate) model: &'static str,
    /// Through a gateway, which gives no request ids.
    pub(crate) through_gateway: bool,
}

/// How far a conversation is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// Tokens of the conversation that are in the cache.
    cached: u64,
}

/// A transcript being written.
pub(crate) struct Transcript<'c> {
    session: Session,
    log: Log,
    filler: &'c Filler,
    truth: &'c mut Truth,
    random: Random,
    /// A subagent's or side question's id; `None` in the main conversation.
    side: Option<String>,
    clock: Moment,
    last_moment: Moment,
    state: State,
    parent: Option<String>,
    bytes: u64,
    ends: Vec<TurnEnd<State>>,
}

impl<'c> Transcript<'c> {
    /// Begins a transcript that is to become `bytes` long.
    #[expect(clippy::too_many_arguments, reason = "what a conversation is made of; named once, by the tree's plan")]
    pub(crate) fn begin(
        path: PathBuf,
        session: Session,
        side: Option<String>,
        bytes: u64,
        (clock, last_moment): (Moment, Moment),
        filler: &'c Filler,
        truth: &'c mut Truth,
        random: Random,
    ) -> Result<Self> {
        let state = State { cached: 0 };
        let log = Log::create(path)?;
        let (parent, ends) = (None, Vec::new());
        Ok(Self { session, log, filler, truth, random, side, clock, last_moment, state, parent, bytes, ends })
    }

    /// Writes turns until the file is full; where each of them ended.
    pub(crate) fn finish(mut self) -> Result<(PathBuf, Vec<TurnEnd<State>>)> {
        if self.side.is_none() {
            self.log.line(format_args!(r#"{{"type":"mode","mode":"normal","sessionId":"{}"}}"#, self.session.id))?;
        }
        while self.log.written() < self.bytes {
            self.turn()?;
        }
        let path = self.log.path().to_owned();
        self.log.close(self.clock, self.truth)?;
        Ok((path, self.ends))
    }

    fn turn(&mut self) -> Result<()> {
        let prompt = self.text(300, 8_000);
        if self.side.is_none() && self.random.one_in(2) {
            self.snapshot()?;
        }
        self.row(
            r#""type":"user","#,
            &format!(r#""message":{{"role":"user","content":"{prompt}"}},"permissionMode":"default","#),
        )?;
        if self.random.one_in(3) {
            let listing = self.text(900, 5_000);
            let body = format!(r#""attachment":{{"type":"skill_listing","content":"{listing}"}},"#);
            self.row(r#""type":"attachment","#, &body)?;
        }
        if self.random.one_in(150) {
            self.made_up_answer()?;
        }
        let calls = self.random.skewed(7, 60);
        for call in 0..=calls {
            let is_last = call == calls || self.log.written() >= self.bytes;
            self.call(is_last)?;
            if is_last {
                break;
            }
        }
        if self.side.is_none() {
            self.row(
                r#""type":"system","subtype":"turn_duration","#,
                r#""durationMs":170447,"messageCount":6,"isMeta":false,"#,
            )?;
            let (leaf, id, last) = (
                self.parent.clone().unwrap_or_default(),
                &self.session.id,
                prompt.chars().take(20).filter(char::is_ascii_alphanumeric).collect::<String>(),
            );
            self.log.line(format_args!(
                r#"{{"type":"last-prompt","lastPrompt":"{last}","leafUuid":"{leaf}","sessionId":"{id}"}}"#
            ))?;
            self.log.line(format_args!(r#"{{"type":"ai-title","aiTitle":"{last}","sessionId":"{id}"}}"#))?;
        }
        self.ends.push(TurnEnd { bytes: self.log.written(), at: self.clock, state: self.state });
        // A break, now and then overnight.
        let pause = if self.random.one_in(12) {
            self.random.between(8, 14) * 3_600_000
        } else {
            self.random.skewed(240_000, 7_200_000)
        };
        self.wait(pause);
        Ok(())
    }

    /// One response and, if it asks for tools, what they gave.
    fn call(&mut self, is_last: bool) -> Result<()> {
        let seconds = self.random.skewed(9, 240);
        self.wait(seconds * 1_000);
        let tokens = self.tokens();
        let (id, request) = self.ids();
        let mut blocks = Vec::new();
        if self.random.percent(42) {
            let signature = self.picture(900, 30_000);
            blocks.push(format!(r#"{{"type":"thinking","thinking":"","signature":"{signature}"}}"#));
        }
        if is_last || self.random.percent(55) {
            blocks.push(format!(r#"{{"type":"text","text":"{}"}}"#, self.text(300, 6_000)));
        }
        let mut tools = Vec::new();
        if !is_last {
            for _ in 0..if self.random.one_in(12) { 2 } else { 1 } {
                let tool = format!("toolu_01{}", identifier(&mut self.random, 22));
                blocks.push(format!(
                    r#"{{"type":"tool_use","id":"{tool}","name":"Bash","input":{{"command":"{}","description":"run it"}},"caller":{{"type":"direct"}}}}"#,
                    self.text(300, 9_000)
                ));
                tools.push(tool);
            }
        }
        let stop = if tools.is_empty() { "end_turn" } else { "tool_use" };
        let lines = blocks.len();
        let loses_figures = self.session.version.loses_figures() && self.random.one_in(300);
        for (number, block) in blocks.iter().enumerate() {
            let is_final = number + 1 == lines || !self.session.version.streams();
            let output = if is_final { tokens.output } else { (tokens.output / 9).clamp(1, 40) };
            let usage = self.usage(tokens, output, loses_figures);
            // Of lost figures, the split of cache writes is still there.
            let (input, cache_read, output) =
                if loses_figures { (0, 0, 0) } else { (tokens.input, tokens.cache_read, output) };
            self.repeated(number + 1 < lines, is_final, Counts { input, cache_read, output, ..tokens });
            self.response(&id, request.as_deref(), self.session.model, stop, number, block, &usage)?;
            self.wait(60);
        }
        if loses_figures {
            self.truth.has(Construct::OnlyInRounds, tokens);
        }
        self.truth.call(self.session.model, tokens);
        self.state.cached += tokens.cache_write() + tokens.output;
        for tool in tools {
            if self.session.version.reports_progress() && self.side.is_none() && self.random.one_in(40) {
                self.errand(&tool)?;
            }
            self.tool_result(&tool)?;
        }
        Ok(())
    }

    /// Counts a line of a response, unless it is its last.
    fn repeated(&mut self, is_repeated: bool, is_final: bool, stated: Counts) {
        if !is_repeated {
            return;
        }
        self.truth.has(Construct::RepeatedLine, stated);
        if !is_final {
            self.truth.has(Construct::EarlyFigures, stated);
        }
        if self.session.through_gateway {
            let construct = if self.side.is_some() {
                Construct::RepeatedWithoutRequestIdAside
            } else {
                Construct::RepeatedWithoutRequestId
            };
            self.truth.has(construct, stated);
        }
    }

    /// The figures of the next call: the conversation so far from the cache, what is new into it.
    fn tokens(&mut self) -> Counts {
        let is_compacted = self.state.cached > 165_000;
        if is_compacted {
            self.state.cached = 0;
        }
        let written = if self.state.cached == 0 {
            self.random.between(14_000, 26_000)
        } else {
            self.random.skewed(1_300, 22_000)
        };
        let is_long = self.side.is_none() && !self.session.version.streams();
        Counts {
            requests: 1,
            input: self.random.between(2, 14),
            cache_read: self.state.cached,
            cache_write_5m: if is_long { 0 } else { written },
            cache_write_1h: if is_long { written } else { 0 },
            output: self.random.skewed(330, 14_000),
            reasoning: 0,
        }
    }

    fn ids(&mut self) -> (String, Option<String>) {
        if self.session.through_gateway {
            (format!("gen-{}-{}", self.clock.0 / 1_000, identifier(&mut self.random, 20)), None)
        } else {
            (format!("msg_01{}", identifier(&mut self.random, 22)), Some(request_id(&mut self.random)))
        }
    }

    fn usage(&self, tokens: Counts, output: u64, loses_figures: bool) -> String {
        let Counts { input, cache_read, cache_write_5m, cache_write_1h, .. } = tokens;
        let written = tokens.cache_write();
        let round = format!(
            r#"{{"input_tokens":{input},"output_tokens":{output},"cache_read_input_tokens":{cache_read},"cache_creation_input_tokens":{written},"cache_creation":{{"ephemeral_5m_input_tokens":{cache_write_5m},"ephemeral_1h_input_tokens":{cache_write_1h}}},"type":"message"}}"#
        );
        let stated = |figure: u64| if loses_figures { 0 } else { figure };
        let details =
            if self.session.version.is_talkative() { r#""output_tokens_details":{"thinking_tokens":0},"# } else { "" };
        let rounds = if self.session.version.streams() { "" } else { &round };
        format!(
            r#"{{"input_tokens":{},"cache_creation_input_tokens":{},"cache_read_input_tokens":{},"output_tokens":{},{details}"server_tool_use":{{"web_search_requests":0,"web_fetch_requests":0}},"service_tier":"standard","cache_creation":{{"ephemeral_1h_input_tokens":{cache_write_1h},"ephemeral_5m_input_tokens":{cache_write_5m}}},"inference_geo":"not_available","iterations":[{rounds}],"speed":"standard"}}"#,
            stated(input),
            stated(written),
            stated(cache_read),
            stated(output),
        )
    }

    /// One line of a response.
    #[expect(clippy::too_many_arguments, reason = "the parts of a row that differ from line to line")]
    fn response(
        &mut self,
        id: &str,
        request: Option<&str>,
        model: &str,
        stop: &str,
        number: usize,
        block: &str,
        usage: &str,
    ) -> Result<()> {
        let message = format!(
            r#""message":{{"model":"{model}","id":"{id}","type":"message","role":"assistant","content":[{block}],"stop_reason":"{stop}","stop_sequence":null,"stop_details":null,"usage":{usage},"diagnostics":null}},"#
        );
        let request = request.map(|request| format!(r#""requestId":"{request}","#)).unwrap_or_default();
        let more = if self.session.version.is_talkative() {
            let attribution = if self.side.is_some() { r#""attributionAgent":"general-purpose","# } else { "" };
            format!(r#""apiBlockIndex":{number},"requestedModel":"{model}","effort":"medium",{attribution}"#)
        } else {
            String::new()
        };
        self.row("", &format!(r#"{message}{more}{request}"type":"assistant","#))
    }

    /// A subagent's calls as old versions write them: inside rows of the parent.
    fn errand(&mut self, tool: &str) -> Result<()> {
        for _ in 0..self.random.between(1, 5) {
            self.wait(4_000);
            let tokens = Counts {
                requests: 1,
                input: self.random.between(3, 40),
                cache_read: self.random.below(40_000),
                cache_write_5m: self.random.skewed(900, 9_000),
                output: self.random.skewed(200, 3_000),
                ..Counts::default()
            };
            let (id, request) = (format!("msg_01{}", identifier(&mut self.random, 22)), request_id(&mut self.random));
            let usage = self.usage(tokens, tokens.output, false);
            let (text, at, row) = (self.text(300, 4_000), self.clock.text(), uuid(&mut self.random));
            self.row(
                r#""type":"progress","#,
                &format!(
                    r#""data":{{"type":"agent_progress","message":{{"type":"assistant","timestamp":"{at}","message":{{"model":"{SMALL_MODEL}","id":"{id}","type":"message","role":"assistant","content":[{{"type":"text","text":"{text}"}}],"stop_reason":null,"stop_sequence":null,"usage":{usage}}},"requestId":"{request}","uuid":"{row}"}},"prompt":"","agentId":"a1f09c2"}},"toolUseID":"agent_{id}","parentToolUseID":"{tool}","#
                ),
            )?;
            self.truth.call(SMALL_MODEL, tokens);
            self.truth.has(Construct::InsideProgress, tokens);
        }
        Ok(())
    }

    fn tool_result(&mut self, tool: &str) -> Result<()> {
        let seconds = self.random.skewed(2, 300);
        self.wait(seconds * 1_000);
        if self.random.one_in(70) && self.room() > 600_000 {
            let picture = self.picture(150_000, 500_000);
            return self.row(
                r#""type":"user","#,
                &format!(
                    r#""message":{{"role":"user","content":[{{"tool_use_id":"{tool}","type":"tool_result","content":[{{"type":"image","source":{{"type":"base64","media_type":"image/png","data":"{picture}"}}}}]}}]}},"#
                ),
            );
        }
        let text = self.text(700, 30_000);
        self.row(
            r#""type":"user","#,
            &format!(
                r#""message":{{"role":"user","content":[{{"tool_use_id":"{tool}","type":"tool_result","content":"{text}","is_error":false}}]}},"toolUseResult":{{"stdout":"{text}","stderr":"","interrupted":false,"isImage":false,"noOutputExpected":false}},"#
            ),
        )
    }

    /// What stands in for an answer when the service failed: no call was made.
    fn made_up_answer(&mut self) -> Result<()> {
        let usage = self.usage(Counts::default(), 0, false);
        let id = uuid(&mut self.random);
        let block = r#"{"type":"text","text":"API Error: 529 overloaded"}"#;
        self.truth.has(Construct::MadeUp, Counts::default());
        self.response(&id, None, NO_MODEL, "stop_sequence", 0, block, &usage)
    }

    fn snapshot(&mut self) -> Result<()> {
        let (id, at) = (uuid(&mut self.random), self.clock.text());
        let files = (0..self.random.below(24))
            .map(|number| {
                format!(
                    r#""src/module_{number}.rs":{{"backupFileName":"{}@v2","version":2,"backupTime":"{at}"}}"#,
                    hex(&mut self.random, 16)
                )
            })
            .collect::<Vec<_>>()
            .join(",");
        self.log.line(format_args!(
            r#"{{"type":"file-history-snapshot","messageId":"{id}","snapshot":{{"messageId":"{id}","trackedFileBackups":{{{files}}},"timestamp":"{at}"}},"isSnapshotUpdate":false}}"#
        ))
    }

    /// A row of the conversation: `kind` and `body` between what all rows have.
    fn row(&mut self, kind: &str, body: &str) -> Result<()> {
        let parent = self.parent.as_ref().map_or_else(|| "null".to_owned(), |parent| format!("\"{parent}\""));
        let side = match &self.side {
            Some(id) => format!(r#""isSidechain":true,"agentId":"{id}","#),
            None => r#""isSidechain":false,"#.to_owned(),
        };
        let (id, at) = (uuid(&mut self.random), self.clock.text());
        let Session { id: session, cwd, branch, version, .. } = &self.session;
        self.log.line(format_args!(
            r#"{{"parentUuid":{parent},{side}{kind}{body}"uuid":"{id}","timestamp":"{at}","userType":"external","entrypoint":"cli","cwd":"{cwd}","sessionId":"{session}","version":"{}","gitBranch":"{branch}"}}"#,
            version.name()
        ))?;
        self.parent = Some(id);
        Ok(())
    }

    fn wait(&mut self, milliseconds: u64) {
        self.clock = self.clock.after(milliseconds, self.last_moment);
    }

    /// Bytes that still fit into the file.
    fn room(&self) -> u64 {
        self.bytes.saturating_sub(self.log.written())
    }

    fn text(&mut self, median: u64, most: u64) -> String {
        let bytes = self.random.skewed(median, most).min(self.room() / 2);
        self.filler.text(&mut self.random, bytes).to_owned()
    }

    fn picture(&mut self, median: u64, most: u64) -> String {
        let bytes = self.random.skewed(median, most).min(self.room() / 2);
        self.filler.picture(&mut self.random, bytes).to_owned()
    }
}

fn request_id(random: &mut Random) -> String {
    format!("req_011C{}", identifier(random, 20))
}

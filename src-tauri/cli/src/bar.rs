//! The progress bar of a long pass: on a terminal only, and gone when it ends.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use spendmeter_core::spend::view::Progress;

/// A pass that ends within this has no bar.
const MOMENT: Duration = Duration::from_millis(300);

const TEMPLATE: &str = "[{wide_bar}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";

/// How far a pass is, on standard error.
pub(crate) struct Bar {
    line: ProgressBar,
    began: Instant,
    wanted: bool,
}

impl Bar {
    /// `wanted`: whether it may ever be shown. What is no terminal, or one that can't move its cursor, has none anyhow.
    pub(crate) fn new(wanted: bool) -> Self {
        // Measures from the start, so that speed and time left are right from the moment it is shown.
        let bar =
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_finish(ProgressFinish::AndClear);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            // Plain characters: every terminal and font has them.
            bar.set_style(style.progress_chars("=> "));
        }
        Self { line: bar, began: Instant::now(), wanted }
    }

    /// Moves it, and shows it if the pass has taken a moment.
    pub(crate) fn advance(&mut self, progress: &Progress) {
        if self.line.length() != Some(progress.bytes_total) {
            self.line.set_length(progress.bytes_total);
        }
        self.line.set_position(progress.bytes_done);
        if self.wanted && self.began.elapsed() >= MOMENT {
            self.wanted = false;
            self.line.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

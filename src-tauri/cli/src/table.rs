//! Columns of text for a terminal: the first ones left-aligned, figures right-aligned.

use std::io::{self, Write};

use anstyle::Style;

/// A table under construction.
pub(crate) struct Table {
    /// How many columns, from the left, are words.
    words: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(words: usize, header: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { words, rows: vec![header.into_iter().map(Into::into).collect()] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width_of =
            |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width_of(column).unwrap_or_default()).collect();
        for (number, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| {
                    let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
                    if column < self.words { format!("{cell}{padding}") } else { format!("{padding}{cell}") }
                })
                .collect();
            let style = if number == 0 { Style::new().dimmed() } else { Style::new() };
            writeln!(out, "{style}{}{style:#}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

//! scratch
mod corpus;
use std::path::PathBuf;
fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args().nth(1).unwrap_or_default().into();
    let corpus = corpus::Corpus::at(&folder, &corpus::sizes::HALF_A_YEAR)?;
    let truth = &corpus.truth;
    println!(
        "{} files {} bytes median {} p99 {} max {:?} total {:?}\n{:#?}\n{:#?}",
        truth.files,
        truth.bytes,
        truth.size_at(500),
        truth.size_at(990),
        truth.sizes.last(),
        truth.total(),
        truth.constructs,
        truth.by_model
    );
    Ok(())
}

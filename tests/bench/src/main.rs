//! scratch
mod corpus;
mod measure;
mod probes;
mod programs;
mod scan;
use std::path::PathBuf;
fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args().nth(1).unwrap_or_default().into();
    let corpus = corpus::Corpus::at(&folder.join("corpus"), &corpus::sizes::HALF_A_YEAR)?;
    let scan = scan::run(corpus, &folder.join("scratch"), 1)?;
    std::fs::write(folder.join("scan.json"), serde_json::to_string_pretty(&scan)?)?;
    for f in &scan.findings { println!("{:70} {:6} {:?}", f.what, f.tokens, f.counted.iter().map(|(_, t)| i64::try_from(*t).unwrap_or_default() - i64::try_from(f.tokens).unwrap_or_default()).collect::<Vec<_>>()); }
    for m in &scan.measured { println!("{m:?}"); }
    for (c, t) in &scan.truth.constructs { println!("{c:?} {t:?}"); }
    for (p, t) in &scan.totals { for (m, c) in t { println!("{p:?} {m} {:?} {:?}", c, 0); } }
    Ok(())
}

//! Agents that are found and cannot be counted.

use std::fs;

use crate::machine::{Machine, fixture};
use spendmeter_core::sources;
use spendmeter_core::spend::view::SourceState;

#[test]
fn an_agent_without_figures_is_told_of_only_where_it_is_found() {
    let machine = Machine::new();
    let named = || machine.viewpoint().sources().unwrap().into_iter().find(|source| source.id == "cursor");
    assert_eq!(named(), None);
    fs::create_dir_all(machine.home(".cursor/projects")).unwrap();
    let cursor = named().unwrap();
    assert_eq!((cursor.state, cursor.files), (SourceState::NotCounted, 0));
    assert!(cursor.detail.unwrap().contains("no reliable token counts"));
    assert!(!machine.viewpoint().meter().unwrap().connected, "there is nothing to count yet");
}

#[test]
fn every_such_agent_has_a_page_and_no_source_of_its_name() {
    for agent in sources::NOT_COUNTED {
        assert!(fixture("../..").join(agent.docs).is_file(), "{}: no page about {}", agent.docs, agent.name);
        assert!(sources::ALL.iter().all(|source| source.id() != agent.id), "{} is counted", agent.name);
    }
}

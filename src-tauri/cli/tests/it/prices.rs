//! `spend prices`: what calls cost, and what a person decides of it.

mod decide;
mod refresh;
mod show;

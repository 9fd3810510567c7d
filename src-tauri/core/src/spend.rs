//! Read models: every figure that a person sees, in tray, page and terminal, is computed here and nowhere else.

pub mod view;

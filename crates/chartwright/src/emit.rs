//! From trees to the text of a chart.

pub(crate) mod code;
pub(crate) mod files;
mod helper;
mod page;
pub(crate) mod prose;
pub(crate) mod yaml;

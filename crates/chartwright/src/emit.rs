//! From trees to the text of a chart.

pub(crate) mod code;
pub(crate) mod files;
mod helper;
pub(crate) mod yaml;

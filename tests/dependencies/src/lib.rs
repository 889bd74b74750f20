//! Nothing: only the dependencies count.
//!
//! A function checked alone asks for fewer features of crates than the workspace does, so that every SDK would be compiled anew
//! for it. Beside this package (`cargo check -p within24-dependencies -p FUNCTION`, in `tests/run`) its dependencies are those
//! of the workspace, compiled already; what it needs of the shared crate it still has to ask for itself.

//! Named windows.

use sqlparser::ast::{Expr, Ident, NamedWindowExpr, Select, WindowSpec, WindowType};

use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::walk::Hooks;
use crate::wit::Diagnostic;

/// Puts named windows where they are used.
pub(crate) struct Named<'a> {
    text: &'a str,
    pub(crate) copies: &'a mut Copies,
    /// Of the selects around the node visited, innermost last.
    windows: Vec<Vec<(String, WindowSpec)>>,
    pub(crate) changed: bool,
}

impl<'a> Named<'a> {
    pub(crate) fn new(text: &'a str, copies: &'a mut Copies) -> Self {
        Self {
            text,
            copies,
            windows: Vec::new(),
            changed: false,
        }
    }
}

impl Hooks for Named<'_> {
    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        self.windows.push(Vec::new());
        for definition in std::mem::take(&mut select.named_window) {
            let mut spec = match definition.1 {
                NamedWindowExpr::WindowSpec(spec) => spec,
                NamedWindowExpr::NamedWindow(other) => self.find(&other)?,
            };
            self.complete(&mut spec)?;
            self.changed = true;
            if let Some(windows) = self.windows.last_mut() {
                let name = labels::folded(&definition.0);
                if windows.iter().any(|(known, _)| *known == name) {
                    let message = format!("window \"{name}\" is already defined");
                    return Err(Diagnostic::error("42P20", message));
                }
                windows.push((name, spec));
            }
        }
        Ok(())
    }

    fn leave_select(&mut self, _select: &mut Select) -> Diagnosed<()> {
        self.windows.pop();
        Ok(())
    }

    fn leave_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        let Expr::Function(function) = expression else {
            return Ok(());
        };
        match &mut function.over {
            Some(WindowType::NamedWindow(name)) => {
                let spec = self.find(name)?;
                self.changed = true;
                function.over = Some(WindowType::WindowSpec(spec));
                Ok(())
            }
            Some(WindowType::WindowSpec(spec)) => self.complete(spec),
            None => Ok(()),
        }
    }
}

impl Named<'_> {
    /// Fills in what a specification takes from the window that it names.
    fn complete(&mut self, spec: &mut WindowSpec) -> Diagnosed<()> {
        let Some(name) = spec.window_name.take() else {
            return Ok(());
        };
        let base = self.find(&name)?;
        spec.partition_by = base.partition_by;
        if spec.order_by.is_empty() {
            spec.order_by = base.order_by;
        }
        self.changed = true;
        Ok(())
    }

    fn find(&mut self, name: &Ident) -> Diagnosed<WindowSpec> {
        let folded = labels::folded(name);
        let windows = self.windows.last().map_or(&[][..], Vec::as_slice);
        match windows.iter().find(|(known, _)| *known == folded) {
            Some((_, spec)) => self.copies.copy(spec),
            None => {
                let start = name.span.start.column.saturating_sub(1) as usize;
                let message = format!("window \"{folded}\" does not exist");
                Err(Diagnostic::error("42704", message).at(self.text, start))
            }
        }
    }
}

//! Methods, and what is computed with numbers.

use std::rc::Rc;

use super::{Arrays, Found, Outcome, Run, Sink};
use crate::json_path::Host;
use crate::json_path::item::{Base, Item};
use crate::json_path::tree::{Method, Operator, Part, Place, Unary, What};

impl<H: Host> Run<'_, H> {
    pub(super) fn arithmetic(
        &mut self,
        part: &Part,
        operator: Operator,
        (left, right): (Place, Place),
        item: &Item,
        into: Sink<'_>,
    ) -> Outcome<H> {
        let left = self.operand(left, item, Arrays::Opened)?;
        let right = self.operand(right, item, Arrays::Opened)?;
        let wrong = |side: &str| {
            let sign = operator.name();
            format!("{side} operand of jsonpath operator {sign} is not a single numeric value")
        };
        let [Item::Number(left)] = left.as_slice() else {
            return self.error("22038", wrong("left"));
        };
        let [Item::Number(right)] = right.as_slice() else {
            return self.error("22038", wrong("right"));
        };
        self.weigh(left.len() + right.len())?;
        let result = self.computed(self.host.binary(operator, left, right))?;
        self.next(part, &Item::Number(result.into()), into)
    }

    /// Long numbers and texts take more time.
    pub(super) fn weigh(&mut self, characters: usize) -> Result<(), super::Stop<H::Error>> {
        self.steps += characters / 16;
        self.step()
    }

    /// `executeUnaryArithmExpr`
    pub(super) fn signed(
        &mut self,
        part: &Part,
        operand: Place,
        item: &Item,
        mut into: Sink<'_>,
    ) -> Outcome<H> {
        let mut outcome = Found::Nothing;
        let sign = if matches!(part.what, What::Minus(_)) {
            '-'
        } else {
            '+'
        };
        let is_asked = into.is_none() && part.next.is_none();
        for item in self.operand(operand, item, Arrays::Opened)? {
            let number = match &item {
                Item::Number(_) if is_asked => return Ok(Found::Something),
                Item::Number(digits) if sign == '-' => {
                    self.weigh(digits.len())?;
                    let result = self.computed(self.host.unary(Unary::Minus, digits))?;
                    Item::Number(result.into())
                }
                Item::Number(_) => item,
                _ if is_asked => continue,
                _ => {
                    let message =
                        format!("operand of unary jsonpath operator {sign} is not a numeric value");
                    return self.error("2203B", message);
                }
            };
            if self.next(part, &number, into.as_deref_mut())? == Found::Something {
                outcome = Found::Something;
                if into.is_none() {
                    return Ok(outcome);
                }
            }
        }
        Ok(outcome)
    }

    pub(super) fn method(
        &mut self,
        part: &Part,
        method: Method,
        item: &Item,
        into: Sink<'_>,
    ) -> Outcome<H> {
        let name = method.name();
        let result = match method {
            Method::Type => Item::Text(item.kind().into()),
            Method::Size => {
                let size = match item {
                    Item::List(elements) => elements.len(),
                    _ if self.is_lax() => 1,
                    _ => {
                        let message = format!(
                            "jsonpath item method .{name}() can only be applied to an array"
                        );
                        return self.misfit("22039", message);
                    }
                };
                Item::Number(size.to_string().into())
            }
            Method::KeyValue => return self.key_value(part, item, into),
            Method::Double => match item {
                Item::Number(digits) => match self.host.double(digits) {
                    // The number itself, with its digits.
                    Some(_) => item.clone(),
                    None => {
                        let message = format!(
                            "numeric argument of jsonpath item method .{name}() is out of range for type double precision"
                        );
                        return self.error("22036", message);
                    }
                },
                Item::Text(text) => match self.host.double(text) {
                    Some(digits) => Item::Number(digits.into()),
                    None => {
                        let message = format!(
                            "string argument of jsonpath item method .{name}() is not a valid representation of a double precision number"
                        );
                        return self.error("22036", message);
                    }
                },
                _ => {
                    let message = format!(
                        "jsonpath item method .{name}() can only be applied to a string or numeric value"
                    );
                    return self.error("22036", message);
                }
            },
            Method::Number(unary) => {
                let Item::Number(digits) = item else {
                    let message = format!(
                        "jsonpath item method .{name}() can only be applied to a numeric value"
                    );
                    return self.error("22036", message);
                };
                self.weigh(digits.len())?;
                Item::Number(self.computed(self.host.unary(unary, digits))?.into())
            }
        };
        self.next(part, &result, into)
    }

    /// `executeKeyValueMethod`
    fn key_value(&mut self, part: &Part, item: &Item, mut into: Sink<'_>) -> Outcome<H> {
        let Item::Object(members) = item else {
            let message = "jsonpath item method .keyvalue() can only be applied to an object";
            return self.error("2203C", message);
        };
        let mut outcome = Found::Nothing;
        let id: Rc<str> = self.base.id(item).to_string().into();
        for (key, value) in members.iter() {
            if part.next.is_none() && into.is_none() {
                return Ok(Found::Something);
            }
            let member = Item::Object(Rc::new(vec![
                ("id".into(), Item::Number(id.clone())),
                ("key".into(), Item::Text(key.clone())),
                ("value".into(), value.clone()),
            ]));
            let base = Base::new(self.last_base, Some(member.clone()));
            self.last_base += 1;
            let into_next = into.as_deref_mut();
            outcome = self.based(base, |run| run.next(part, &member, into_next))?;
            if outcome == Found::Something && into.is_none() {
                return Ok(outcome);
            }
        }
        Ok(outcome)
    }
}

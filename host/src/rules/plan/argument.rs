//! What `wit/` demands of the values of placeholders.

use pgiris_values::zone;

use super::Broken;
use crate::rules::wit_plan::{Argument, ClockReading, ClockZone};
use crate::value::computed::is_sound;

/// `slots`: how many an earlier step may have kept.
pub(super) fn check(argument: &Argument, parameters: usize, slots: u32) -> Result<(), Broken> {
    match argument {
        Argument::Parameter(number)
        | Argument::Elements(number)
        | Argument::Limit(number)
        | Argument::Offset(number)
            if *number == 0 || *number as usize > parameters =>
        {
            Err("an argument names a parameter that the plan does not list")
        }
        Argument::Computed(computed)
            if !is_sound(
                &computed.instructions,
                Some(0),
                u32::try_from(parameters).unwrap_or(u32::MAX),
            ) =>
        {
            Err("an argument cannot be computed")
        }
        Argument::Clock(reading) if reading.decimals > 6 => {
            Err("an argument asks for more decimals than a timestamp has")
        }
        Argument::Clock(ClockReading {
            zone: ClockZone::Named(name),
            ..
        }) if zone::named(name).is_none() => Err("an argument names a time zone that there is not"),
        Argument::Kept(kept) | Argument::AllKept(kept) if kept.slot >= slots => {
            Err("an argument names a slot that no earlier step keeps")
        }
        _ => Ok(()),
    }
}

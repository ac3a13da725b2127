//! How a room behaves: one behaviour per file, named after it.

mod common;

mod a_removed_member_is_deaf;
mod a_room_survives_a_restart;
mod a_wrong_invitation_opens_nothing;
mod bad_input_is_refused;
mod branches_meet;
mod debug_tells_no_secrets;
mod every_run_has_its_own_keys;
mod frames_open_once_and_in_their_epoch;
mod joining_by_invitation;
mod large_rooms;
mod many_changes_make_one_commit;
mod members_agree_and_hear_each_other;
mod members_compare;
mod members_sign_statements;
mod messages_out_of_order;
mod timings;

//! Every rule, in the order in which they work.
//!
//! A statement that a rule takes over by its words never becomes a tree. On a tree
//! the rules work from the outside in: what describes the client's own statement
//! comes first, what IRIS's grammar alone demands last.

use crate::rule::Rule;

mod aggregate_filter;
mod aggregate_order;
mod arithmetic_operator;
mod arranged_rows;
mod array_constructor;
mod array_literal;
mod array_parameter;
pub(crate) mod assigned_value;
mod between_symmetric;
mod bit_operator;
mod blank_padding;
mod boolean_condition;
mod boolean_literal;
mod boolean_test;
mod boolean_value;
mod catalog_query;
mod checked_cast;
mod collate_clause;
mod column_alias_list;
pub(crate) mod column_label;
mod column_number;
pub(crate) mod column_origin;
pub(crate) mod column_type;
mod comment_on;
mod common_table;
mod common_type;
mod compound_comparison;
mod computed_argument;
mod constant_order;
mod constraint_name;
mod copy;
mod cosine_distance_operator;
mod counted_row;
mod create_table_as;
mod cursor;
mod data_modifying_with;
mod database_name;
mod date_arithmetic;
pub(crate) mod datetime_literal;
mod deallocate;
mod defined_query;
mod distinct_groups;
mod distinct_on;
mod do_block;
pub(crate) mod document_change;
mod document_comparison;
mod double_colon_cast;
mod drop_list;
mod elapsed_time;
mod element_access;
mod empty_select_list;
mod enum_order;
pub(crate) mod enum_type;
mod escape_string;
mod euclidean_distance_operator;
mod explain;
mod extension;
mod fetch_with_ties;
mod function_name;
mod generated_rows;
mod group_by_item;
mod grouping_sets;
mod having_alone;
mod hidden_id;
mod identifier_case;
pub(crate) mod identity_option;
mod if_exists;
mod index_form;
mod insert_values;
mod integer_division;
mod interval_arithmetic;
mod interval_value;
mod kept_value;
mod like_list;
mod like_pattern;
mod like_table;
mod lock_table;
pub(crate) mod long_identifier;
mod maintenance;
pub(crate) mod merge;
mod misplaced_call;
mod mixed_scale;
mod moment_parameter;
mod negative_inner_product_operator;
mod null_order;
mod number_template;
mod on_conflict;
mod only_clause;
mod operand_type;
mod order_by_label;
mod order_by_subquery;
mod overriding_value;
mod owner_change;
mod parameter_type;
mod parenthesized_source;
mod prepared_statement;
mod privilege;
pub(crate) mod quoted_name;
pub(crate) mod regular_expression;
mod relation_kind;
mod reserved_word;
mod returning;
mod role;
mod routine;
mod row_field;
mod row_in_subquery;
mod row_limit;
mod row_lock;
mod scalar_subquery;
mod schema_name;
mod search_path;
pub(crate) mod self_reference;
mod sequence_definition;
mod sequence_function;
mod session_function;
mod session_setting;
mod session_zone;
mod set_operation;
mod set_operation_type;
mod sorted_aggregate;
mod string_collation;
mod string_order;
pub(crate) mod styled_text;
mod subquery_order;
mod table_change;
mod table_definition;
mod table_sample;
mod temporary_table;
mod text_concatenation;
pub(crate) mod transaction;
mod typed_literal;
mod ungrouped_column;
mod unlisten;
mod unsupported_clause;
mod unsupported_statement;
mod using_join;
pub(crate) mod value_rows;
pub(crate) mod values_list;
mod vector_cast;
mod vector_index;
mod vector_type;
mod vector_value;
mod window_frame;
mod written_rows;

pub(crate) use column_type::COLLATION_SETTING;
pub(crate) use copy::column_list;
pub(crate) use do_block::Block;
pub(crate) use explain::Explained;
pub(crate) use relation_kind::is_of_one_kind;
pub(crate) use row_lock::LOCKING_SETTING;
pub(crate) use session_function::version;
pub(crate) use table_definition::CHECK_SETTING;
pub(crate) use temporary_table::is_made_by as makes_temporary;

/// The rules.
pub(crate) const ALL: &[&dyn Rule] = &[
    // By their words.
    &transaction::TransactionControl,
    &session_setting::SessionSetting,
    &deallocate::Deallocate,
    &prepared_statement::PreparedStatement,
    &cursor::Cursors,
    &copy::CopyRows,
    &maintenance::Maintenance,
    &unlisten::Unlisten,
    &owner_change::OwnerChange,
    &extension::Extension,
    &lock_table::LockTable,
    &privilege::Privilege,
    &role::Role,
    &routine::Routine,
    &explain::Explain,
    &do_block::DoBlock,
    &sequence_definition::SequenceDefinition,
    &like_table::LikeTable,
    &unsupported_statement::UnsupportedStatement,
    // On the tree.
    &database_name::DatabaseName,
    &catalog_query::CatalogueQuery,
    &long_identifier::LongIdentifier,
    &only_clause::OnlyClause,
    &temporary_table::TemporaryTable,
    &search_path::SearchPath,
    &styled_text::StyledText,
    &column_origin::ColumnOrigin,
    &counted_row::CountedRow,
    &arranged_rows::ArrangedRows,
    &computed_argument::ComputedArgument,
    &comment_on::CommentOn,
    &enum_type::EnumType,
    &unsupported_clause::UnsupportedClause,
    &vector_type::VectorType,
    &relation_kind::RelationKind,
    &identity_option::IdentityOption,
    &if_exists::IfExists,
    &create_table_as::CreateTableAs,
    &drop_list::DropList,
    &vector_index::VectorIndex,
    &index_form::IndexForm,
    &constraint_name::ConstraintName,
    &table_definition::TableDefinition,
    &table_change::TableChange,
    &between_symmetric::BetweenSymmetric,
    &empty_select_list::EmptySelectList,
    &parenthesized_source::ParenthesizedSource,
    &misplaced_call::MisplacedCall,
    &constant_order::ConstantOrder,
    &column_number::ColumnNumber,
    &generated_rows::GeneratedRows,
    &data_modifying_with::DataModifyingWith,
    &row_field::RowField,
    &values_list::ValuesList,
    &set_operation_type::SetOperationType,
    &session_zone::SessionZone,
    &merge::MergeRows,
    &operand_type::OperandType,
    &parameter_type::ParameterType,
    &blank_padding::BlankPadding,
    &column_label::ColumnLabel,
    &elapsed_time::ElapsedTime,
    &interval_arithmetic::IntervalArithmetic,
    &number_template::NumberTemplate,
    &regular_expression::RegularExpression,
    &document_change::DocumentChange,
    &document_comparison::DocumentComparison,
    &mixed_scale::MixedScale,
    &order_by_label::OrderByLabel,
    &element_access::ElementAccess,
    &sorted_aggregate::SortedAggregate,
    &defined_query::DefinedQuery,
    &column_alias_list::ColumnAliasList,
    &common_table::CommonTable,
    &using_join::UsingJoin,
    &hidden_id::HiddenId,
    &like_list::LikeList,
    &row_in_subquery::RowInSubquery,
    &array_parameter::ArrayParameter,
    &array_literal::ArrayLiteral,
    &compound_comparison::CompoundComparison,
    &aggregate_filter::AggregateFilter,
    &grouping_sets::GroupingSets,
    &group_by_item::GroupByItem,
    &ungrouped_column::UngroupedColumn,
    &having_alone::HavingAlone,
    &distinct_groups::DistinctGroups,
    &scalar_subquery::ScalarSubquery,
    &aggregate_order::AggregateOrder,
    &set_operation::SetOperation,
    &order_by_subquery::OrderBySubquery,
    &fetch_with_ties::FetchWithTies,
    &distinct_on::DistinctOn,
    &window_frame::WindowFrames,
    &vector_value::VectorValue,
    &row_lock::RowLock,
    &sequence_function::SequenceFunction,
    &overriding_value::OverridingValue,
    &assigned_value::AssignedValue,
    &value_rows::ValueRows,
    &insert_values::InsertValues,
    &on_conflict::OnConflictClause,
    &self_reference::SelfReference,
    &written_rows::WrittenRows,
    &returning::Returning,
    &session_function::SessionFunction,
    &enum_order::EnumOrder,
    &kept_value::KeptValue,
    &typed_literal::TypedLiteral,
    &common_type::CommonType,
    &text_concatenation::TextConcatenation,
    &array_constructor::ArrayConstructor,
    &collate_clause::CollateClause,
    &string_order::StringOrder,
    &string_collation::StringCollation,
    &checked_cast::CheckedCast,
    &moment_parameter::MomentParameter,
    &date_arithmetic::DateArithmetic,
    &interval_value::IntervalValue,
    &bit_operator::BitOperator,
    &function_name::FunctionName,
    &integer_division::IntegerDivision,
    &arithmetic_operator::ArithmeticOperator,
    &like_pattern::LikePattern,
    &escape_string::EscapeString,
    &table_sample::TableSampling,
    &schema_name::SchemaName,
    &euclidean_distance_operator::EuclideanDistanceOperator,
    &cosine_distance_operator::CosineDistanceOperator,
    &negative_inner_product_operator::NegativeInnerProductOperator,
    &null_order::NullOrder,
    &vector_cast::VectorCast,
    &datetime_literal::DatetimeLiteral,
    &row_limit::LimitOfRows,
    &subquery_order::SubqueryOrder,
    &double_colon_cast::DoubleColonCast,
    &boolean_literal::BooleanLiteral,
    &boolean_test::BooleanTest,
    &boolean_condition::BooleanCondition,
    &boolean_value::BooleanValue,
    &column_type::ColumnType,
    &identifier_case::IdentifierCase,
    &reserved_word::ReservedWord,
    &quoted_name::QuotedName,
];

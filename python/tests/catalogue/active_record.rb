# Prints what ActiveRecord tells of a schema: a question, a tab, and the answer.

require "active_record"
require "stringio"

# A line for each answer; objects by what they say of themselves, a schema without indentation.
def told(question)
  answer = begin
    yield
  rescue ActiveRecord::ActiveRecordError => error
    cause = error.cause
    "error #{cause.respond_to?(:result) ? cause.result&.error_field(PG::PG_DIAG_SQLSTATE) : error.class}"
  end
  puts "#{question}\t#{shown(answer).gsub(/\s+/, ' ')}"
end

def shown(value)
  case value
  when Array then "[#{value.map { |item| shown(item) }.join(', ')}]"
  when Hash then "{#{value.map { |key, of_key| "#{key}: #{shown(of_key)}" }.join(', ')}}"
  when ActiveRecord::ConnectionAdapters::SqlTypeMetadata, Struct, ActiveModel::Type::Value
    value.inspect.gsub(/0x\h+/, "0x")
  when ActiveRecord::ConnectionAdapters::Column
    told = %i[name default sql_type type limit precision scale null default_function collation comment]
    shown(told.to_h { |name| [name, value.public_send(name)] }.merge(serial: value.serial?))
  when ActiveRecord::ConnectionAdapters::IndexDefinition
    told = %i[table name unique columns lengths orders opclasses where type using comment]
    shown(told.to_h { |name| [name, value.public_send(name)] })
  else value.inspect
  end
end

def of_the_database(connection)
  told("version") { connection.database_version / 10_000 }
  told("database") { connection.current_database }
  told("schema") { connection.current_schema }
  told("search path") { connection.schema_search_path }
  told("schemas") { connection.schema_names }
  told("encoding") { connection.encoding }
  told("collation") { connection.collation }
  told("ctype") { connection.ctype }
  told("tables") { connection.tables }
  told("views") { connection.views }
  told("data sources") { connection.data_sources }
  told("extensions") { connection.extensions }
  told("extension citext") { connection.extension_enabled?("citext") }
  told("extension citext is to be had") { connection.extension_available?("citext") }
  told("length of an index's name") { connection.index_name_length }
  told("length of a table's name") { connection.max_identifier_length }
  told("settings") { %w[client_min_messages TimeZone work_mem].map { |name| connection.select_value("SHOW #{name}") } }
end

def of_table(connection, table)
  told("#{table} is there") { connection.table_exists?(table) }
  told("#{table} is a view") { connection.view_exists?(table) }
  told("columns of #{table}") { connection.columns(table) }
  told("primary keys of #{table}") { connection.primary_keys(table) }
  told("indexes of #{table}") { connection.indexes(table) }
  told("foreign keys of #{table}") { connection.foreign_keys(table) }
  told("checks of #{table}") { connection.check_constraints(table) }
  told("comment of #{table}") { connection.table_comment(table) }
  told("options of #{table}") { connection.table_options(table) }
  told("sequence of #{table}") { connection.pk_and_sequence_for(table)&.map(&:to_s) }
  told("counter of #{table}") { connection.default_sequence_name(table) }
end

# What a model finds out by itself.
def of_model(table)
  model = Class.new(ActiveRecord::Base) { self.table_name = table }
  told("key of a model of #{table}") { model.primary_key }
  told("columns of a model of #{table}") { model.columns }
  told("types of a model of #{table}") { model.attribute_types.transform_values(&:type) }
  told("defaults of a model of #{table}") { model.column_defaults }
  told("types of the result of #{table}") { model.connection.select_all("SELECT * FROM #{table}").column_types.transform_values(&:type) }
end

def schema(connection)
  dumped = StringIO.new
  ActiveRecord::SchemaDumper.dump(connection, dumped)
  dumped.string
end

ActiveRecord::Base.establish_connection(ARGV.fetch(0))
connection = ActiveRecord::Base.connection
of_the_database(connection)
%w[city street store.shelf big_city nowhere].each { |table| of_table(connection, table) }
%w[city street store.shelf big_city].each { |table| of_model(table) }
told("schema.rb") { schema(connection) }
schema(connection).split(/\n\n/).each { |part| told("schema.rb #{part.strip.lines.first.strip}") { part } }

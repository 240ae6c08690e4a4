# Ruby pg: `ruby pg.rb URL` prints what the server answers to its users.

require "pg"

LONG = "SELECT count(*) FROM driver_many a, driver_many b, driver_many c, driver_many d"
TEXT = "it's “quoted” \\ \"ünï\" 🦉\n$1 ?"

def section(title) = puts("-- #{title}")

def show(label, value) = puts("#{label}: #{value.inspect}")

# Runs what must fail and prints its SQLSTATE.
def fails(label)
  yield
rescue PG::Error => error
  puts "#{label}: #{error.result.error_field(PG::Result::PG_DIAG_SQLSTATE)}"
else
  raise "#{label}: succeeds"
end

connection = PG.connect(ARGV.fetch(0))
connection.set_notice_processor { |_| }

section "queries"
show "one", connection.exec("SELECT 1 AS one").to_a
show "last of two", connection.exec("SELECT 1 AS a; SELECT 2 AS b").to_a
show "types", connection.exec("SELECT 1 AS a, 'x' AS b, true AS c").then { |r| r.nfields.times.map { |at| r.ftype(at) } }
connection.exec "DROP TABLE IF EXISTS driver_value"
show "create", connection.exec(<<~SQL).cmd_status
  CREATE TABLE driver_value (id serial PRIMARY KEY, i2 smallint, i4 integer, i8 bigint, f8 double precision,
    n numeric(12,3), b boolean, t text, v varchar(50), bin bytea, d date, tm time, ts timestamp, u uuid)
SQL

section "values"
names = %w[i2 i4 i8 f8 n b t v bin d tm ts u]
values = [-32768, 2147483647, 9223372036854775807, -1.5e-7, "123456789.125", true, TEXT, "",
          { value: "\x00\x01'\\\xff".b, format: 1 }, "2024-02-29", "23:59:58.123456",
          "2024-02-29 23:59:58.123456", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]
insert = "INSERT INTO driver_value (#{names.join(', ')}) VALUES (#{names.each_index.map { |at| "$#{at + 1}" }.join(', ')})"
show "returning", connection.exec_params("#{insert} RETURNING id, t", values).to_a
show "nulls", connection.exec_params(insert, names.map { nil }).cmd_tuples
show "text", connection.exec("SELECT * FROM driver_value ORDER BY id").values
show "binary", connection.exec_params("SELECT * FROM driver_value ORDER BY id", [], 1).values
names.zip(values) { |name, value| show "by #{name}", connection.exec_params("SELECT id FROM driver_value WHERE #{name} = $1", [value]).values }
mapped = connection.exec("SELECT * FROM driver_value ORDER BY id")
mapped.type_map = PG::BasicTypeMapForResults.new(connection)
show "mapped", mapped.values
encode = PG::TextEncoder::Array.new(elements_type: PG::TextEncoder::Integer.new)
show "array", connection.exec_params("SELECT id FROM driver_value WHERE i4 = ANY($1::int[])", [encode.encode([1, 2147483647])]).values

section "prepared statements"
connection.prepare "by text", "SELECT $1::text AS t, $2::int + 1 AS n"
%w[x y z].each { |text| show "again", connection.exec_prepared("by text", [text, 1]).values }
described = connection.describe_prepared("by text")
show "described", [described.nparams.times.map { |at| described.paramtype(at) }, described.fields]

section "transactions"
connection.transaction do |inner|
  inner.exec_params "INSERT INTO driver_value (t) VALUES ($1)", ["kept"]
  inner.exec "SAVEPOINT inner_one"
  fails("in a transaction") { inner.exec "INSERT INTO driver_value (id) VALUES (1)" }
  show "status", inner.transaction_status
  fails("after it") { inner.exec "SELECT 1" }
  inner.exec "ROLLBACK TO SAVEPOINT inner_one"
end
fails("rolled back") do
  connection.transaction { |inner| inner.exec("DELETE FROM driver_value") && inner.exec("SELECT 1 / 0") }
end
show "left", connection.exec("SELECT count(*) FROM driver_value WHERE t LIKE 'kept%'").values

section "errors"
fails("syntax") { connection.exec "SELECT FROM WHERE" }
fails("table") { connection.exec "SELECT * FROM driver_absent" }
fails("column") { connection.exec "SELECT absent FROM driver_value" }
fails("bad integer") { connection.exec_params "SELECT id FROM driver_value WHERE i4 = $1", ["one"] }
show "and on", connection.exec("SELECT 1").values

section "COPY and many rows"
connection.exec "DROP TABLE IF EXISTS driver_many"
connection.exec "CREATE TABLE driver_many (id int PRIMARY KEY, name text, price numeric(10,2))"
encoder = PG::TextEncoder::CopyRow.new
connection.copy_data("COPY driver_many FROM STDIN", encoder) do
  500.times { |id| connection.put_copy_data [id.to_s, "a\tname #{id}", id.odd? ? nil : "1.50"] }
end
rows = []
connection.copy_data("COPY (SELECT id, name, price FROM driver_many WHERE id < 3 ORDER BY id) TO STDOUT", PG::TextDecoder::CopyRow.new) do
  while (row = connection.get_copy_data) do rows << row end
end
show "out", rows
fails("bad row") { connection.copy_data("COPY driver_many FROM STDIN") { connection.put_copy_data "x\ty\tz\n" } }
upsert = "INSERT INTO driver_many VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, name"
show "upsert", connection.exec_params(upsert, [1, "new"]).values
connection.send_query "SELECT id FROM driver_many ORDER BY id"
connection.set_single_row_mode
sum = 0
connection.get_result.stream_each { |one| sum += one["id"].to_i }
connection.get_result
show "single rows", sum
connection.transaction do |inner|
  inner.exec "DECLARE some_rows CURSOR FOR SELECT id FROM driver_many ORDER BY id"
  show "fetch", inner.exec("FETCH 3 FROM some_rows").values
  show "fetch", inner.exec("FETCH 2 FROM some_rows").values
end
connection.enter_pipeline_mode
3.times { |id| connection.send_query_params "INSERT INTO driver_many VALUES ($1, $2)", [600 + id, "piped"] }
connection.pipeline_sync
3.times { show("piped", connection.get_result.cmd_tuples) || connection.get_result }
show "sync", connection.get_result.result_status == PG::PGRES_PIPELINE_SYNC
connection.exit_pipeline_mode

section "cancel"
canceler = Thread.new { sleep 0.3; connection.cancel }
fails("cancel") { connection.exec LONG }
canceler.join
show "and on", connection.exec("SELECT 1").values

connection.exec "DROP TABLE driver_value"
connection.exec "DROP TABLE driver_many"
connection.close
section "end"

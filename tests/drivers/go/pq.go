// Go's lib/pq: `go run pq.go URL` prints what the server answers to its users.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"

	"github.com/lib/pq"
)

const (
	long = "SELECT count(*) FROM driver_many a, driver_many b, driver_many c, driver_many d"
	text = "it's “quoted” \\ \"ünï\" 🦉\n$1 ?"
)

func section(title string) { fmt.Println("--", title) }

func show(label string, value interface{}) { fmt.Printf("%s: %v\n", label, value) }

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// fails prints the SQLSTATE of an error that must be there.
func fails(label string, err error) {
	if server, ok := err.(*pq.Error); ok {
		show(label, server.Code)
		return
	}
	panic(fmt.Sprint(label, ": ", err))
}

type queryer interface {
	Query(string, ...interface{}) (*sql.Rows, error)
}

// ask shows all rows as Go sees them.
func ask(db queryer, label, query string, arguments ...interface{}) {
	rows, err := db.Query(query, arguments...)
	check(err)
	defer rows.Close()
	columns, err := rows.Columns()
	check(err)
	for rows.Next() {
		values := make([]interface{}, len(columns))
		places := make([]interface{}, len(columns))
		for at := range values {
			places[at] = &values[at]
		}
		check(rows.Scan(places...))
		for at, value := range values {
			if bytes, ok := value.([]byte); ok {
				values[at] = fmt.Sprintf("%q", bytes)
			}
		}
		show(label, values)
	}
	check(rows.Err())
}

func change(db *sql.DB, label, statement string, arguments ...interface{}) {
	result, err := db.Exec(statement, arguments...)
	check(err)
	count, err := result.RowsAffected()
	check(err)
	show(label, count)
}

func failing(db *sql.DB, label, query string, arguments ...interface{}) {
	_, err := db.Exec(query, arguments...)
	fails(label, err)
}

func values(db *sql.DB) {
	section("values")
	ask(db, "one", "SELECT 1 AS one")
	change(db, "drop", "DROP TABLE IF EXISTS driver_value")
	change(db, "create", `CREATE TABLE driver_value (id serial PRIMARY KEY, i2 smallint, i4 integer,
		i8 bigint, f8 double precision, n numeric(12,3), b boolean, t text, v varchar(50), bin bytea,
		d date, tm time, ts timestamp, u uuid)`)
	moment := time.Date(2024, 2, 29, 23, 59, 58, 123456000, time.UTC)
	names := []string{"i2", "i4", "i8", "f8", "n", "b", "t", "v", "bin", "d", "tm", "ts", "u"}
	sent := []interface{}{-32768, 2147483647, int64(9223372036854775807), -1.5e-7, "123456789.125",
		true, text, "", []byte{0, 1, 39, 92, 255}, "2024-02-29", "23:59:58.123456", moment,
		"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}
	insert := `INSERT INTO driver_value (i2, i4, i8, f8, n, b, t, v, bin, d, tm, ts, u)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	ask(db, "returning", insert+" RETURNING id, t", sent...)
	change(db, "nulls", insert, make([]interface{}, len(sent))...)
	ask(db, "row", "SELECT * FROM driver_value ORDER BY id")
	for at, name := range names {
		ask(db, "by "+name, "SELECT id FROM driver_value WHERE "+name+" = $1", sent[at])
	}
	ask(db, "integers", "SELECT id FROM driver_value WHERE i4 = ANY($1)", pq.Array([]int64{1, 2147483647}))
	ask(db, "texts", "SELECT id FROM driver_value WHERE t = ANY($1::text[])", pq.Array([]string{text, `a,"b"`}))
	statement, err := db.Prepare("SELECT $1::text AS t, $2::int + 1 AS n")
	check(err)
	for _, word := range []string{"x", "y", "z"} {
		var t string
		var n int
		check(statement.QueryRow(word, 1).Scan(&t, &n))
		show("prepared", []interface{}{t, n})
	}
	check(statement.Close())
}

func transactions(db *sql.DB) {
	section("transactions and errors")
	inner, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	check(err)
	_, err = inner.Exec("INSERT INTO driver_value (t) VALUES ($1)", "kept")
	check(err)
	_, err = inner.Exec("SAVEPOINT inner_one")
	check(err)
	_, err = inner.Exec("INSERT INTO driver_value (id) VALUES (1)")
	fails("in a transaction", err)
	_, err = inner.Exec("SELECT 1")
	fails("after it", err)
	_, err = inner.Exec("ROLLBACK TO SAVEPOINT inner_one")
	check(err)
	check(inner.Commit())
	ask(db, "left", "SELECT count(*) FROM driver_value WHERE t LIKE 'kept%'")
	failing(db, "syntax", "SELECT FROM WHERE")
	failing(db, "table", "SELECT * FROM driver_absent WHERE a = $1", 1)
	failing(db, "column", "SELECT absent FROM driver_value")
	failing(db, "bad integer", "SELECT id FROM driver_value WHERE i4 = $1", "one")
	ask(db, "and on", "SELECT 1")
}

func manyRows(db *sql.DB) {
	section("COPY and many rows")
	change(db, "drop", "DROP TABLE IF EXISTS driver_many")
	change(db, "create", "CREATE TABLE driver_many (id int PRIMARY KEY, name text, price numeric(10,2))")
	inner, err := db.Begin()
	check(err)
	copying, err := inner.Prepare(pq.CopyIn("driver_many", "id", "name", "price"))
	check(err)
	for id := 0; id < 500; id++ {
		_, err = copying.Exec(id, fmt.Sprint("a\tname ", id), nil)
		check(err)
	}
	_, err = copying.Exec()
	check(err)
	check(copying.Close())
	check(inner.Commit())
	ask(db, "copied", "SELECT count(*), min(name), max(id) FROM driver_many")
	ask(db, "upsert", `INSERT INTO driver_many VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, name`, 1, "new")
	section("cancel")
	soon, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer stop()
	_, err = db.ExecContext(soon, long)
	fails("cancel", err)
	ask(db, "and on", "SELECT 1")
}

func main() {
	for _, options := range []string{"?sslmode=disable", "?sslmode=disable&binary_parameters=yes"} {
		db, err := sql.Open("postgres", os.Args[1]+options)
		check(err)
		check(db.Ping())
		values(db)
		transactions(db)
		manyRows(db)
		change(db, "drop", "DROP TABLE driver_value")
		change(db, "drop", "DROP TABLE driver_many")
		check(db.Close())
	}
	section("end")
}

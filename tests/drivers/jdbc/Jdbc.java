import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.net.URI;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.PGConnection;

/** pgjdbc: {@code java Jdbc.java URL} prints what the server answers to its users. */
public class Jdbc {
    static final String LONG =
        "SELECT count(*) FROM driver_many a, driver_many b, driver_many c, driver_many d";
    static final String TEXT = "it's “quoted” \\ \"ünï\" 🦉\n$1";

    interface Action {
        void run() throws Exception;
    }

    static void section(String title) {
        System.out.println("-- " + title);
    }

    static void show(String label, Object value) {
        System.out.println(label + ": " + value);
    }

    /** Runs what must fail and prints its SQLSTATE. */
    static void fails(String label, Action action) throws Exception {
        try {
            action.run();
        } catch (SQLException error) {
            show(label, error.getSQLState());
            return;
        }
        throw new IllegalStateException(label + ": succeeds");
    }

    static String rows(ResultSet result) throws SQLException {
        StringBuilder text = new StringBuilder();
        while (result.next()) {
            for (int at = 1; at <= result.getMetaData().getColumnCount(); at++) {
                Object value = result.getObject(at);
                if (value instanceof byte[]) value = HexFormat.of().formatHex((byte[]) value);
                text.append(at == 1 ? "(" : ", ").append(value);
            }
            text.append(")");
        }
        result.close();
        return text.toString();
    }

    static String ask(Connection connection, String query, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int at = 0; at < values.length; at++) statement.setObject(at + 1, values[at]);
            return rows(statement.executeQuery());
        }
    }

    static int change(Connection connection, String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(text);
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.setOut(new java.io.PrintStream(System.out, true, "UTF-8"));
        URI url = new URI(arguments[0]);
        String source = "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath();
        // The second has the driver take rows in the binary format from the first execution on.
        for (String options : List.of("", "&prepareThreshold=-1")) {
            try (Connection connection =
                    DriverManager.getConnection(source + "?user=postgres" + options)) {
                show("options", options);
                values(connection);
                columns(connection);
                transactions(connection);
                manyRows(connection, options);
                change(connection, "DROP TABLE driver_value");
                change(connection, "DROP TABLE driver_many");
            }
        }
        section("end");
    }

    static void values(Connection connection) throws Exception {
        section("values");
        show("valid", connection.isValid(5));
        show("one", ask(connection, "SELECT 1 AS one"));
        change(connection, "DROP TABLE IF EXISTS driver_value");
        change(connection, "CREATE TABLE driver_value (id serial PRIMARY KEY, i2 smallint, i4 integer,"
            + " i8 bigint, f8 double precision, n numeric(12,3), b boolean, t text, v varchar(50),"
            + " bin bytea, d date, tm time, ts timestamp, u uuid)");
        Object[] values = {(short) -32768, 2147483647, 9223372036854775807L, -1.5e-7,
            new BigDecimal("123456789.125"), true, TEXT, "", new byte[] {0, 1, 39, 92, -1},
            LocalDate.of(2024, 2, 29), LocalTime.of(23, 59, 58),
            LocalDateTime.of(2024, 2, 29, 23, 59, 58, 123456000),
            UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")};
        String names = "i2, i4, i8, f8, n, b, t, v, bin, d, tm, ts, u";
        String insert = "INSERT INTO driver_value (" + names + ") VALUES (?"
            + ", ?".repeat(values.length - 1) + ")";
        try (PreparedStatement statement = connection.prepareStatement(insert + " RETURNING id, t")) {
            for (int at = 0; at < values.length; at++) statement.setObject(at + 1, values[at]);
            show("returning", rows(statement.executeQuery()));
        }
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            for (int at = 0; at < values.length; at++) statement.setNull(at + 1, Types.NULL);
            show("nulls", statement.executeUpdate());
        }
        for (int time = 0; time < 7; time++) {
            show("row", ask(connection, "SELECT * FROM driver_value ORDER BY id"));
        }
        String[] columns = names.split(", ");
        for (int at = 0; at < values.length; at++) {
            String query = "SELECT id FROM driver_value WHERE " + columns[at] + " = ?";
            show("by " + columns[at], ask(connection, query, values[at]));
        }
        Array array = connection.createArrayOf("int4", new Object[] {1, 2147483647});
        show("array", ask(connection, "SELECT id FROM driver_value WHERE i4 = ANY(?)", array));
    }

    /** Where the columns of a result come from, which RowDescription and the catalogue tell. */
    static void columns(Connection connection) throws Exception {
        section("columns");
        String query = "SELECT v.id AS key, v.t, v.n + 1 AS more, w.* FROM driver_value v"
            + " JOIN (SELECT id, d FROM driver_value) w ON w.id = v.id";
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            ResultSetMetaData result = statement.getMetaData();
            for (int at = 1; at <= result.getColumnCount(); at++) {
                show(result.getColumnLabel(at), result.getTableName(at)
                    + "." + result.unwrap(org.postgresql.PGResultSetMetaData.class).getBaseColumnName(at)
                    + " nullable " + result.isNullable(at)
                    + " counts " + result.isAutoIncrement(at));
            }
        }
        try (Statement statement = connection.createStatement(
                ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
            ResultSet result = statement.executeQuery("SELECT id, v FROM driver_value WHERE i2 < 0");
            result.next();
            result.updateString("v", "changed");
            result.updateRow();
        }
        show("changed", ask(connection, "SELECT v FROM driver_value WHERE i2 < 0"));
    }

    static void transactions(Connection connection) throws Exception {
        section("transactions and errors");
        connection.setAutoCommit(false);
        change(connection, "INSERT INTO driver_value (t) VALUES ('kept')");
        Savepoint savepoint = connection.setSavepoint();
        fails("in a transaction", () -> change(connection, "INSERT INTO driver_value (id) VALUES (1)"));
        fails("after it", () -> ask(connection, "SELECT 1"));
        connection.rollback(savepoint);
        connection.commit();
        change(connection, "DELETE FROM driver_value");
        connection.rollback();
        connection.setAutoCommit(true);
        show("left", ask(connection, "SELECT count(*) FROM driver_value WHERE t LIKE 'kept%'"));
        fails("syntax", () -> ask(connection, "SELECT FROM WHERE"));
        fails("table", () -> ask(connection, "SELECT * FROM driver_absent WHERE a = ?", 1));
        fails("column", () -> ask(connection, "SELECT absent FROM driver_value"));
        show("and on", ask(connection, "SELECT 1"));
    }

    static void manyRows(Connection connection, String options) throws Exception {
        section("many rows");
        change(connection, "DROP TABLE IF EXISTS driver_many");
        change(connection, "CREATE TABLE driver_many (id int PRIMARY KEY, name text, price numeric(10,2))");
        String insert = "INSERT INTO driver_many VALUES (?, ?, ?)";
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            for (int id = 0; id < 500; id++) {
                statement.setInt(1, id);
                statement.setString(2, "name " + id);
                statement.setBigDecimal(3, new BigDecimal("1.50"));
                statement.addBatch();
            }
            show("batch", Arrays.stream(statement.executeBatch()).sum());
        }
        show("upsert", ask(connection, "INSERT INTO driver_many VALUES (?, ?) ON CONFLICT (id)"
            + " DO UPDATE SET name = EXCLUDED.name RETURNING id, name", 1, "new"));
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(33);
            ResultSet result = statement.executeQuery("SELECT id FROM driver_many ORDER BY id");
            int sum = 0;
            while (result.next()) sum += result.getInt(1);
            show("fetched", sum);
        }
        connection.setAutoCommit(true);
        var copy = connection.unwrap(PGConnection.class).getCopyAPI();
        show("in", copy.copyIn("COPY driver_many FROM STDIN", new StringReader("1000\ta\\tb\t\\N\n")));
        StringWriter out = new StringWriter();
        copy.copyOut("COPY (SELECT * FROM driver_many WHERE id >= 1000) TO STDOUT (FORMAT csv)", out);
        show("out", out);
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            fails("time-out", () -> statement.executeQuery(LONG));
        }
        show("and on", ask(connection, "SELECT 1"));
    }
}

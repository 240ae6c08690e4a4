import java.net.URI;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.util.PGobject;

/**
 * Vectors over pgjdbc, as pgvector's users write them: {@code java Vectors.java URL} prints what the server
 * answers.
 */
public class Vectors {
    /** What {@code addDataType} makes of a column; its text is the server's. */
    public static class Vector extends PGobject {
        public Vector() {
            setType("vector");
        }

        Vector(String text) throws SQLException {
            this();
            setValue(text);
        }
    }

    static void show(String label, Object value) {
        System.out.println(label + ": " + value);
    }

    static String ask(Connection connection, String query, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int at = 0; at < values.length; at++) statement.setObject(at + 1, values[at]);
            ResultSet result = statement.executeQuery();
            StringBuilder text = new StringBuilder();
            while (result.next()) {
                text.append("(");
                for (int at = 1; at <= result.getMetaData().getColumnCount(); at++) {
                    Object value = result.getObject(at);
                    String kind = value == null ? "" : " " + value.getClass().getSimpleName();
                    text.append(at == 1 ? "" : ", ").append(value).append(kind);
                }
                text.append(")");
            }
            return text.toString();
        }
    }

    static void insert(Connection connection, int id, PGobject vector) throws SQLException {
        String text = "INSERT INTO driver_vector VALUES (?, ?)";
        try (PreparedStatement statement = connection.prepareStatement(text)) {
            statement.setInt(1, id);
            statement.setObject(2, vector);
            statement.executeUpdate();
        }
    }

    static void search(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE EXTENSION IF NOT EXISTS vector");
            statement.execute("DROP TABLE IF EXISTS driver_vector");
            statement.execute("CREATE TABLE driver_vector (id int PRIMARY KEY, v vector(3))");
        }
        connection.unwrap(PGConnection.class).addDataType("vector", Vector.class);
        insert(connection, 1, new Vector("[1,0,0]"));
        insert(connection, 2, new Vector("[0.6,0.8,0]"));
        insert(connection, 3, new Vector("[0.25,-0.5,1.5]"));
        insert(connection, 4, new Vector(null));
        try (ResultSet columns =
                connection.getMetaData().getColumns(null, null, "driver_vector", null)) {
            while (columns.next()) {
                show("column", columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME"));
            }
        }
        // The driver prepares a text on the server at its fifth use.
        for (int use = 1; use <= 6; use++) {
            show("all", ask(connection, "SELECT id, v FROM driver_vector ORDER BY id"));
            for (String operator : List.of("<=>", "<#>", "<->")) {
                String nearest =
                    "SELECT id FROM driver_vector WHERE v IS NOT NULL ORDER BY v "
                        + operator
                        + " ? LIMIT 2";
                show(operator, ask(connection, nearest, new Vector("[0.9,0.1,0]")));
            }
            show("value", ask(connection, "SELECT ?::vector AS v", "[1,2,3]"));
        }
        for (String wrong : List.of("[1,2]", "[1,2,x]")) {
            try {
                insert(connection, 9, new Vector(wrong));
                throw new IllegalStateException(wrong + " is taken");
            } catch (SQLException error) {
                show("wrong", error.getSQLState());
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        URI url = new URI(arguments[0]);
        String source = "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath();
        for (String options : List.of("", "&prepareThreshold=-1", "&preferQueryMode=simple")) {
            try (Connection connection =
                    DriverManager.getConnection(source + "?user=postgres" + options)) {
                show("options", options);
                search(connection);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("DROP TABLE driver_vector");
                }
            }
        }
        System.out.println("-- end");
    }
}

import java.net.URI;
import java.sql.*;
import java.util.*;

/** Prints what pgjdbc's DatabaseMetaData tells of a schema: a question, a tab, and the answer. */
public class Metadata {
    interface Question {
        Object ask() throws SQLException;
    }

    static final String[] NO_KINDS = null;

    static void told(String question, Question asked) {
        String answer;
        try {
            Object value = asked.ask();
            answer = value instanceof ResultSet ? rows((ResultSet) value) : String.valueOf(value);
        } catch (SQLException error) {
            answer = "error " + error.getSQLState();
        }
        System.out.println(question + "\t" + answer.replaceAll("\\s", " "));
    }

    /** Each row with the names of its columns, as the driver gives them. */
    static String rows(ResultSet result) throws SQLException {
        ResultSetMetaData columns = result.getMetaData();
        StringBuilder text = new StringBuilder();
        while (result.next()) {
            StringJoiner row = new StringJoiner(", ", "(", ")");
            for (int at = 1; at <= columns.getColumnCount(); at++)
                row.add(columns.getColumnLabel(at) + "=" + result.getString(at));
            text.append(row);
        }
        result.close();
        return text.toString();
    }

    static void ofTheDatabase(DatabaseMetaData database) {
        told("product", database::getDatabaseProductName);
        told("major version", database::getDatabaseMajorVersion);
        told("user", database::getUserName);
        told("keywords", database::getSQLKeywords);
        told("length of a name", database::getMaxColumnNameLength);
        told("length of a table's name", database::getMaxTableNameLength);
        told("columns of an index", database::getMaxColumnsInIndex);
        told("isolation", database::getDefaultTransactionIsolation);
        told("read only", database::isReadOnly);
        told("catalogs", database::getCatalogs);
        told("schemas", database::getSchemas);
        told("schemas like s%", () -> database.getSchemas(null, "s%"));
        told("kinds of tables", database::getTableTypes);
        told("types", database::getTypeInfo);
        told("user-defined types", () -> database.getUDTs(null, null, null, null));
        told("properties of the client", database::getClientInfoProperties);
    }

    static void ofTables(DatabaseMetaData database) {
        for (String schema : new String[] {null, "public", "store", "nowhere"}) {
            told("tables of " + schema, () -> database.getTables(null, schema, "%", NO_KINDS));
            told("columns of " + schema, () -> schema == null
                ? database.getColumns(null, "%", "c%", "n%")
                : database.getColumns(null, schema, "%", "%"));
            told("privileges of " + schema, () -> schema == null
                ? database.getTablePrivileges(null, "%", "city")
                : database.getTablePrivileges(null, schema, "%"));
        }
        for (String kind : new String[] {
            "TABLE", "VIEW", "SEQUENCE", "INDEX", "TYPE", "PARTITIONED TABLE", "FOREIGN TABLE",
            "MATERIALIZED VIEW", "SYSTEM TABLE", "SYSTEM VIEW", "SYSTEM INDEX", "TEMPORARY TABLE"})
            told("kind " + kind,
                () -> database.getTables(null, null, "%", new String[] {kind}));
        told("tables like %it%",
            () -> database.getTables(null, "public", "%it%", new String[] {"TABLE", "VIEW"}));
        told("tables of the catalog", () -> database.getTables("USER", null, "city", NO_KINDS));
        told("tables of another catalog",
            () -> database.getTables("OTHER", null, "city", NO_KINDS));
    }

    static void ofTable(DatabaseMetaData database, String schema, String table) {
        String of = " of " + schema + "." + table;
        told("table" + of, () -> database.getTables(null, schema, table, NO_KINDS));
        told("columns" + of, () -> database.getColumns(null, schema, table, null));
        told("column name" + of, () -> database.getColumns(null, schema, table, "name"));
        told("primary key" + of, () -> database.getPrimaryKeys(null, schema, table));
        told("imported keys" + of, () -> database.getImportedKeys(null, schema, table));
        told("exported keys" + of, () -> database.getExportedKeys(null, schema, table));
        told("indexes" + of, () -> database.getIndexInfo(null, schema, table, false, false));
        told("unique indexes" + of, () -> database.getIndexInfo(null, schema, table, true, false));
        told("best row" + of, () -> database.getBestRowIdentifier(
            null, schema, table, DatabaseMetaData.bestRowSession, true));
        told("version columns" + of, () -> database.getVersionColumns(null, schema, table));
        told("privileges" + of, () -> database.getTablePrivileges(null, schema, table));
        told("privileges of columns" + of,
            () -> database.getColumnPrivileges(null, schema, table, "%"));
    }

    static void ofRoutines(DatabaseMetaData database) {
        told("procedures", () -> database.getProcedures(null, null, null));
        told("procedures of public", () -> database.getProcedures(null, "public", "%"));
        told("columns of procedures",
            () -> database.getProcedureColumns(null, "public", "%", "%"));
        told("functions", () -> database.getFunctions(null, null, null));
        told("functions of public", () -> database.getFunctions(null, "public", "%"));
        told("functions like to\\_%", () -> database.getFunctions(null, "pg_catalog", "to\\_%"));
        told("columns of functions like to\\_%",
            () -> database.getFunctionColumns(null, "pg_catalog", "to\\_%", "%"));
        told("columns of json_each",
            () -> database.getFunctionColumns(null, "pg_catalog", "json_each", "%"));
    }

    static String columns(ResultSetMetaData columns) throws SQLException {
        StringBuilder text = new StringBuilder();
        for (int at = 1; at <= columns.getColumnCount(); at++)
            text.append(new StringJoiner(", ", "(", ")")
                .add(columns.getCatalogName(at)).add(columns.getSchemaName(at))
                .add(columns.getTableName(at)).add(columns.getColumnName(at))
                .add(columns.getColumnLabel(at)).add(columns.getColumnTypeName(at))
                .add(columns.getColumnClassName(at)).add("" + columns.getColumnType(at))
                .add("" + columns.getPrecision(at)).add("" + columns.getScale(at))
                .add("" + columns.getColumnDisplaySize(at)).add("" + columns.isNullable(at))
                .add("" + columns.isAutoIncrement(at)).add("" + columns.isSigned(at))
                .add("" + columns.isCaseSensitive(at)).add("" + columns.isWritable(at)));
        return text.toString();
    }

    static String parameters(ParameterMetaData parameters) throws SQLException {
        StringBuilder text = new StringBuilder();
        for (int at = 1; at <= parameters.getParameterCount(); at++)
            text.append(new StringJoiner(", ", "(", ")")
                .add(parameters.getParameterTypeName(at)).add("" + parameters.getParameterType(at))
                .add(parameters.getParameterClassName(at)));
        return text.toString();
    }

    static void ofStatements(Connection connection) {
        for (String query : new String[] {
            "SELECT * FROM city", "SELECT * FROM street", "SELECT * FROM store.shelf",
            "SELECT * FROM big_city",
            "SELECT c.name AS town, s.name, s.length * 2 AS twice, count(*) FROM city c"
                + " JOIN street s ON s.city_id = c.id WHERE s.number > ? AND c.founded < ?"
                + " GROUP BY c.name, s.name, s.length",
            "INSERT INTO city (name, area, feeling) VALUES (?, ?, ?)"}) {
            told("result: " + query, () -> {
                try (PreparedStatement statement = connection.prepareStatement(query)) {
                    ResultSetMetaData columns = statement.getMetaData();
                    return columns == null ? "no rows" : columns(columns);
                }
            });
            told("parameters: " + query, () -> {
                try (PreparedStatement statement = connection.prepareStatement(query)) {
                    return parameters(statement.getParameterMetaData());
                }
            });
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.setOut(new java.io.PrintStream(System.out, true, "UTF-8"));
        URI url = new URI(arguments[0]);
        String source = "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath();
        try (Connection connection = DriverManager.getConnection(source, "postgres", "")) {
            DatabaseMetaData database = connection.getMetaData();
            ofTheDatabase(database);
            ofTables(database);
            ofTable(database, "public", "city");
            ofTable(database, "public", "street");
            ofTable(database, "store", "shelf");
            ofTable(database, "public", "big_city");
            ofTable(database, "public", "nowhere");
            told("keys between city and street", () -> database.getCrossReference(
                null, "public", "city", null, "public", "street"));
            ofRoutines(database);
            ofStatements(connection);
        }
    }
}

# ActiveRecord: `ruby active_record.rb URL` prints what the server answers to its users.

require "active_record"
require "stringio"

def section(title) = puts("-- #{title}")

# The same for the same value, whatever object it is.
def shown(value)
  case value
  when Time then value.utc.iso8601(6)
  when BigDecimal then value.to_s
  when Array then value.map { |item| shown(item) }
  when Hash then value.transform_values { |item| shown(item) }
  else value
  end
end

def show(label, value) = puts("#{label}: #{shown(value).inspect}")

# Runs what must fail and prints the class of the error, and the driver's.
def fails(label)
  ActiveRecord::Base.transaction { yield }
rescue ActiveRecord::ActiveRecordError => error
  show(label, [error.class.name, error.cause&.class&.name])
else
  raise "#{label}: succeeds"
end

ActiveRecord::Base.establish_connection("#{ARGV.fetch(0)}?advisory_locks=false")
ActiveRecord::Migration.verbose = false

class First < ActiveRecord::Migration[6.1]
  def change
    create_table :authors do |t|
      t.string :name, null: false, limit: 60
      t.date :born
      t.boolean :active, default: true, null: false
      t.jsonb :settings, default: {}
      t.timestamps
      t.index :name, unique: true
    end
    create_table :books do |t|
      t.references :author, null: false, foreign_key: { on_delete: :cascade }
      t.string :title, limit: 80
      t.decimal :price, precision: 8, scale: 2, default: "1.5"
      t.integer :pages, default: 0
      t.bigint :sold
      t.float :weight
      t.text :blurb
      t.binary :cover
      t.time :at
      t.datetime :seen
      t.uuid :code
      t.json :document
      t.integer :status, default: 0
      t.integer :lock_version, default: 0
      t.timestamps
      t.index %i[author_id title], unique: true, name: "book_once"
    end
    create_table(:tags) { |t| t.string :label, limit: 20 }
    create_join_table(:books, :tags) { |t| t.index %i[book_id tag_id] }
    create_table(:codes, id: false) { |t| t.string :code, primary_key: true, limit: 9; t.text :meaning }
    create_table(:notes, id: :uuid, default: nil, comment: "what was said") do |t|
      t.references :subject, polymorphic: { limit: 30 }
      t.text :body, comment: "in plain words"
    end
  end
end

class Second < ActiveRecord::Migration[6.1]
  def change
    add_column :authors, :country, :string, limit: 2, default: "xx"
    rename_column :books, :blurb, :summary
    add_index :books, :pages
    add_reference :books, :editor, foreign_key: { to_table: :authors }
  end
end

class Third < ActiveRecord::Migration[6.1]
  def up
    change_column :books, :title, :string, limit: 300
    change_column_null :books, :pages, false, 0
    change_column_default :books, :pages, from: 0, to: 3
    rename_table :codes, :words
    remove_index :books, :pages
    execute "UPDATE tags SET label = 'x' WHERE label IS NULL"
  end
end

class Author < ActiveRecord::Base
  has_many :books, dependent: :destroy
  validates :name, presence: true, uniqueness: true
end

class Book < ActiveRecord::Base
  belongs_to :author
  belongs_to :editor, class_name: "Author", optional: true
  has_and_belongs_to_many :tags
  has_many :notes, as: :subject
  enum status: { draft: 0, out: 1 }
end

class Tag < ActiveRecord::Base
  has_and_belongs_to_many :books
end

class Word < ActiveRecord::Base; end

class Note < ActiveRecord::Base
  belongs_to :subject, polymorphic: true
end

CONNECTION = ActiveRecord::Base.connection
MOMENT = Time.utc(2024, 2, 29, 1, 2, 3, 456_789)

def migrate(*migrations)
  ActiveRecord::SchemaMigration.create_table
  ActiveRecord::InternalMetadata.create_table
  numbered = migrations.each_with_index.map { |migration, at| migration.new(migration.name, at + 1) }
  migrator = ActiveRecord::Migrator.new(:up, numbered, ActiveRecord::SchemaMigration)
  show("pending", migrator.pending_migrations.map(&:name))
  migrator.migrate
end

def described(table)
  columns = CONNECTION.columns(table).map { |it| [it.name, it.type, it.limit, it.scale, it.default, it.null, it.comment] }
  indexes = CONNECTION.indexes(table).map { |it| [it.name, it.columns, it.unique] }
  keys = CONNECTION.foreign_keys(table).map { |it| [it.name, it.column, it.to_table, it.on_delete] }
  show(table, [CONNECTION.primary_keys(table), CONNECTION.table_comment(table), columns, indexes, keys])
end

def migrations
  section("migrations")
  migrate(First)
  migrate(First, Second)
  migrate(First, Second, Third)
  migrate(First, Second, Third)
  show("versions", ActiveRecord::SchemaMigration.all_versions)
  ActiveRecord::InternalMetadata[:environment] = "test"
  show("environment", ActiveRecord::InternalMetadata[:environment])
  show("tables", CONNECTION.tables.sort)
  # a varchar without a length, which ActiveRecord's own tables have, is text to the broker
  %w[authors books books_tags notes tags words].each { |table| described(table) }
end

def rows
  section("rows")
  ann = Author.create!(name: "Ann", born: Date.new(1970, 1, 2), settings: { "a" => [1, { "b" => 2 }] }, created_at: MOMENT)
  bob = Author.create!(name: "Bob", active: false, created_at: MOMENT)
  show("keys", [ann.id, bob.id])
  tags = %w[a b c].map { |label| Tag.create!(label: label) }
  6.times do |at|
    book = Book.create!(
      author: at.odd? ? ann : bob, title: "Title #{at}", price: BigDecimal("9.5") + at, pages: 100 * at,
      sold: 2**40 + at, weight: at == 3 ? nil : at / 2.0, summary: "it's \"q\" % \\ ü", cover: "\x00\xff#{at}".b,
      at: "01:02:0#{at}", seen: MOMENT + at, code: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1#{at}",
      document: { "k" => at, "s" => "v#{at}" }, status: at > 3 ? :out : :draft, created_at: MOMENT
    )
    book.tags << tags[at % 3]
  end
  Book.order(:id).each { |book| show("row", book.attributes.except("updated_at")) }
end

def queries
  section("queries")
  show("join", Book.joins(:tags).where(tags: { label: "b" }).order(:id).pluck(:title))
  Author.includes(books: :tags).order(:name).each do |author|
    show(author.name, author.books.sort_by(&:id).map { |book| [book.title, book.tags.map(&:label)] })
  end
  eager = Author.eager_load(:books).where("books.pages > ?", 200).order("authors.id, books.id")
  show("eager", eager.map { |author| [author.name, author.books.map(&:title)] })
  show("counts", Author.left_joins(:books).group("authors.name").order("authors.name").count("books.id"))
  show("sums", [Book.sum(:price), Book.average(:pages), Book.maximum(:seen), Book.minimum(:weight)])
  show("having", Book.group(:author_id).having("count(*) > 2").order(:author_id).count)
  show("page", Book.order(price: :desc).offset(1).limit(2).pluck(:title, :price))
  pages = Book.arel_table[:pages]
  [
    Book.where(pages: 100..300), Book.where(title: ["Title 1", nil]), Book.where.not(status: :out),
    Book.where("title LIKE ?", "%3"), Book.out, Book.where(weight: nil), Book.where(cover: "\x00\xff1".b),
    Book.where(pages: 0).or(Book.where(title: "Title 5")), Book.where(pages.gt(100).and(pages.lt(400))),
    Book.where(author_id: Author.where(active: false).select(:id)), Book.where("document->>'s' = ?", "v3"),
    Book.where(code: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"), Book.where(seen: MOMENT..(MOMENT + 1)), Book.none
  ].each { |books| show("where", books.order(:id).pluck(:title)) }
  show("in JSON", Author.where("settings @> ?", { a: [1] }.to_json).pluck(:name))
  show("distinct", Tag.joins(:books).distinct.order(:label).pluck(:label))
  show("there", [Book.exists?(title: "Title 1"), Book.where(title: "zz").exists?, Author.where.missing(:books).count])
  show("each", Book.find_each(batch_size: 2).map(&:title))
  show("SQL", Book.find_by_sql(["SELECT b.*, a.name AS author_name FROM books b JOIN authors a ON a.id = b.author_id WHERE a.name = ? ORDER BY b.id", "Ann"]).map { |it| [it.title, it.author_name] })
  result = CONNECTION.exec_query("SELECT $1::int + 1 AS x, $2::text AS y", "SQL", [[nil, 1], [nil, "z"]])
  show("values", [result.columns, result.to_a])
  show("with", CONNECTION.select_rows("WITH x AS (SELECT author_id, count(*) AS n FROM books GROUP BY author_id) SELECT a.name, x.n FROM x JOIN authors a ON a.id = x.author_id ORDER BY 1"))
  show("window", CONNECTION.select_rows("SELECT title, row_number() OVER (PARTITION BY author_id ORDER BY price DESC) FROM books ORDER BY id"))
end

def writing
  section("writing")
  show("all", Book.in_batches(of: 4).update_all("pages = pages + 1"))
  show("some", Book.draft.update_all(["price = price * ?", 2]))
  show("by a join", Book.joins(:author).where(authors: { name: "Bob" }).update_all(sold: 7))
  show("now", Book.order(:id).pluck(:price, :pages, :sold))
  book = Book.find_by!(title: "Title 1")
  book.increment!(:pages, 5)
  book.update!(title: "New", document: book.document.merge("z" => 1))
  show("changed", [book.reload.pages, book.document, book.lock_version])
  stale = Book.find(book.id)
  book.update!(pages: 1)
  fails("stale") { stale.update!(pages: 2) }
  show("locked", book.with_lock { book.pages })
  fails("invalid") { Author.create!(name: "Ann") }
  fails("duplicate") { Author.new(name: "Ann").save!(validate: false) }
  fails("no name") { Author.insert({ name: nil, created_at: MOMENT, updated_at: MOMENT }) }
  fails("no such author") { CONNECTION.execute("INSERT INTO books (author_id, pages, created_at, updated_at) VALUES (999, 1, now(), now())") }
  fails("too long") { Author.create!(name: "x" * 100) }
  Author.transaction { Author.create!(name: "Gone"); raise ActiveRecord::Rollback }
  Author.transaction do
    Author.create!(name: "Kept")
    Author.transaction(requires_new: true) { Author.create!(name: "Gone too"); raise ActiveRecord::Rollback }
  end
  Author.transaction(isolation: :read_committed) { Author.create!(name: "Late") }
  times = { created_at: MOMENT, updated_at: MOMENT }
  Author.insert_all([{ name: "Many", **times }, { name: "Ann", **times }])
  show("returned", Tag.insert_all!([{ label: "q" }, { label: "r" }], returning: %w[id label]).rows)
  Author.upsert_all([{ name: "Many", country: "de", **times }, { name: "More", country: "fr", **times }], unique_by: :name)
  2.times { |at| Word.upsert({ code: "a", meaning: at.to_s }) }
  show("authors", Author.order(:name).pluck(:name, :country))
  show("words", Word.pluck(:code, :meaning))
  show("found", Tag.find_or_create_by!(label: "a").id)
  note = Note.create!(id: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", subject: book, body: "hm")
  show("subject", [note.reload.subject.title, book.notes.pluck(:body)])
  show("deleted", [Book.where(title: "New").destroy_all.size, Book.where("pages > ?", 400).delete_all])
  Author.find_by!(name: "Bob").destroy
  show("left", [Author.count, Book.count, CONNECTION.select_value("SELECT count(*) FROM books_tags")])
end

def changes
  section("changes")
  CONNECTION.add_index(:tags, :label, name: "labels")
  CONNECTION.remove_index(:tags, name: "labels")
  CONNECTION.add_index(:tags, :label, algorithm: :concurrently, name: "labels")
  CONNECTION.change_table_comment(:tags, "words of books")
  CONNECTION.change_column_comment(:tags, :label, "a word")
  CONNECTION.change_table(:tags, bulk: true) { |t| t.string :color, limit: 9; t.integer :weight, default: 5 }
  CONNECTION.change_column(:tags, :weight, :bigint)
  CONNECTION.remove_column(:tags, :color)
  CONNECTION.remove_foreign_key(:books, column: :editor_id)
  described("tags")
  described("books")
  CONNECTION.truncate_tables("books_tags", "notes", "tags")
  show("empty", [Tag.count, Note.count])
  CONNECTION.drop_table(:nowhere, if_exists: true)
  CONNECTION.drop_table(:books, force: :cascade)
  show("tables", CONNECTION.tables.sort)
  CONNECTION.reconnect!
  show("again", CONNECTION.select_value("SELECT 1"))
end

migrations
rows
queries
writing
changes
section("end")

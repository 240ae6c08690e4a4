//! Items in lines: one for each thing that can change.

use syn::{Attribute, Fields, ImplItem, Item, ItemImpl, TraitItem, Visibility};

/// An item: its head, then what is in it.
pub(super) fn shown(item: &Item) -> Vec<String> {
    let mut item = item.clone();
    match &mut item {
        Item::Struct(item) => {
            keep(&mut item.attrs);
            let members = fields(&item.fields);
            let hides = item
                .fields
                .iter()
                .any(|field| !super::is_public(&field.vis));
            let end = match (&item.fields, hides) {
                (Fields::Named(_), true) => " { .. }",
                (Fields::Unnamed(_), true) => "(..)",
                _ => "",
            };
            item.fields = Fields::Unit;
            item.semi_token = Some(syn::token::Semi::default());
            let head = printed(Item::Struct(item.clone()));
            let head = head.trim_end_matches(';');
            [vec![format!("{head}{end}")], members].concat()
        }
        Item::Enum(item) => {
            keep(&mut item.attrs);
            let variants: Vec<String> = item
                .variants
                .iter()
                .map(|variant| {
                    let mut alone = item.clone();
                    let mut variant = variant.clone();
                    strip(&mut variant.attrs);
                    for field in &mut variant.fields {
                        strip(&mut field.attrs);
                    }
                    alone.attrs.clear();
                    alone.variants = [variant].into_iter().collect();
                    let text = printed(Item::Enum(alone));
                    let inner = text
                        .split_once('{')
                        .and_then(|(_, rest)| rest.rsplit_once('}'));
                    let inner = inner.map_or("", |(inner, _)| inner);
                    inner.trim().trim_end_matches(',').to_owned()
                })
                .collect();
            item.variants.clear();
            let head = printed(Item::Enum(item.clone()));
            [vec![head.replace(" {}", "")], variants].concat()
        }
        Item::Trait(item) => {
            keep(&mut item.attrs);
            let members = std::mem::take(&mut item.items);
            let members = members.into_iter().map(|mut member| {
                let has_body = match &mut member {
                    TraitItem::Fn(function) => {
                        strip(&mut function.attrs);
                        function.default.take().is_some()
                    }
                    TraitItem::Type(one) => {
                        strip(&mut one.attrs);
                        false
                    }
                    _ => false,
                };
                let mut alone = item.clone();
                alone.attrs.clear();
                alone.items = vec![member];
                let text = printed(Item::Trait(alone));
                let inner = text
                    .split_once('{')
                    .and_then(|(_, rest)| rest.rsplit_once('}'));
                let inner = inner.map_or("", |(inner, _)| inner).trim();
                match has_body {
                    true => format!("{} {{ .. }}", inner.trim_end_matches(';')),
                    false => inner.to_owned(),
                }
            });
            let members: Vec<String> = members.collect();
            let head = printed(Item::Trait(item.clone()));
            [vec![head.replace(" {}", "")], members].concat()
        }
        Item::Fn(item) => {
            keep(&mut item.attrs);
            item.block.stmts.clear();
            let text = printed(Item::Fn(item.clone()));
            vec![text.trim_end_matches(" {}").to_owned()]
        }
        Item::Const(item) => {
            keep(&mut item.attrs);
            vec![printed(Item::Const(item.clone()))]
        }
        Item::Type(item) => {
            keep(&mut item.attrs);
            vec![printed(Item::Type(item.clone()))]
        }
        _ => Vec::new(),
    }
}

/// What an implementation adds to its type.
pub(super) fn of_implementation(implementation: &ItemImpl) -> Vec<String> {
    let mut head = implementation.clone();
    head.items.clear();
    head.attrs
        .retain(|attribute| attribute.path().is_ident("cfg"));
    if implementation.trait_.is_some() {
        return vec![printed(Item::Impl(head)).replace(" {}", "")];
    }
    let mut lines = Vec::new();
    for item in &implementation.items {
        let mut item = item.clone();
        let is_public = match &mut item {
            ImplItem::Fn(function) => {
                keep(&mut function.attrs);
                function.block.stmts.clear();
                super::is_public(&function.vis)
            }
            ImplItem::Const(constant) => {
                keep(&mut constant.attrs);
                super::is_public(&constant.vis)
            }
            _ => false,
        };
        if is_public {
            let mut alone = head.clone();
            alone.attrs.clear();
            alone.items = vec![item];
            let text = printed(Item::Impl(alone));
            let inner = text
                .split_once('{')
                .and_then(|(_, rest)| rest.rsplit_once('}'));
            let inner = inner.map_or("", |(inner, _)| inner).trim();
            lines.push(inner.trim_end_matches(" {}").to_owned());
        }
    }
    lines
}

fn fields(fields: &Fields) -> Vec<String> {
    let public = fields.iter().filter(|field| super::is_public(&field.vis));
    let line = |field: &syn::Field| {
        let mut field = field.clone();
        strip(&mut field.attrs);
        let named = Fields::Named(syn::FieldsNamed {
            brace_token: syn::token::Brace::default(),
            named: [field].into_iter().collect(),
        });
        let text = printed(Item::Struct(syn::ItemStruct {
            attrs: Vec::new(),
            vis: Visibility::Inherited,
            struct_token: syn::token::Struct::default(),
            ident: syn::Ident::new("S", proc_macro2::Span::call_site()),
            generics: syn::Generics::default(),
            fields: named,
            semi_token: None,
        }));
        let inner = text
            .split_once('{')
            .and_then(|(_, rest)| rest.rsplit_once('}'));
        let inner = inner.map_or("", |(inner, _)| inner).trim();
        inner.trim_end_matches(',').to_owned()
    };
    public.map(line).collect()
}

/// Leaves the attributes that others depend on.
fn keep(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| {
        let kept = ["derive", "non_exhaustive", "cfg", "must_use"];
        kept.iter().any(|name| attribute.path().is_ident(name))
    });
}

/// Leaves those that members may have.
fn strip(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| attribute.path().is_ident("cfg"));
}

/// As rustfmt would write it, in one line.
fn printed(item: Item) -> String {
    let file = syn::File {
        shebang: None,
        attrs: Vec::new(),
        items: vec![item],
    };
    line(&prettyplease::unparse(&file))
}

/// A text without the breaks of its lines.
pub(super) fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    line.replace("( ", "(")
        .replace(", )", ")")
        .replace(" ;", ";")
        // That a function changes its argument is its own affair.
        .replace("(mut ", "(")
        .replace(", mut ", ", ")
        .replace("< ", "<")
        .replace(", >", ">")
}

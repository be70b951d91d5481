namespace Titanic.Web.FeatureStore;

/// <summary>
/// Links copies to persons: rows of one person in several lists, or under several keys of one list. The first row of a person is its
/// canonical row; the others get its person id, so that training, evaluation and live metrics count the person once.
/// </summary>
/// <remarks>
/// Two rows are the same person if their normalized names and their sexes are equal and at least as many of class, age and fare agree as
/// differ; ages agree within one year and fares within one percent, and a missing value neither agrees nor differs. So copies with a
/// corrected age are linked, and the two passengers "Kelly, Mr. James" of the list (34.5 years and £7.8292, 44 years and £8.05) stay two
/// persons. Persons that only share their name share a <see cref="PersonKey"/> and therefore a fold. Rows of one source with the same
/// key that the source declares as one person are not compared. Rows without a name and without a declared person are persons of their own.
/// </remarks>
internal static class PersonLinks
{
    /// <summary>
    /// Sets <c>person_id</c> in the temporary table <c>matched</c> for new and changed rows with a name or a declared person. A row is linked to
    /// the row with the highest <see cref="Balance"/> of at least 0 among the rows with a lower passenger id, the first of several. Rows whose
    /// key occurs once need no comparison.
    /// </summary>
    /// <remarks>
    /// A new row changes no stored link. A correction or a deletion can: then all rows with the earlier and the new key are linked again and
    /// get a new version if their person changed. So links depend on the current rows only, not on the corrections that led to them.
    /// </remarks>
    public static async Task Link(IngestionTransaction work)
    {
        var hasChangedPersons = await work.Scalar<bool>("select exists (select from matched where is_person_changed)");
        string[] statements = hasChangedPersons
            ? [UnlinkChangedKeys, AddUnlinkedRows, CollectNamesakes, IndexNamesakes, LinkNamesakes, MarkRelinkedRows, RecordSharedKeys]
            : [CollectNamesakes, IndexNamesakes, LinkNamesakes, RecordSharedKeys];
        foreach (var statement in statements)
            await work.Execute(statement);
    }

    /// <summary>SQL: all versions <c>s</c> of the other rows that have the person key of <c>passengers p</c>.</summary>
    public const string OtherRowsOfKey =
        "from passengers s where s.person_key = p.person_key and (s.name is not null or s.person is not null) and s.passenger_id <> p.passenger_id";

    /// <summary>
    /// SQL: the ended versions <c>s</c> of deleted rows with the source, the key and the person key of <c>passengers p</c>, which was sent again.
    /// </summary>
    public const string DeletedRowsOfKey =
        """
        from passengers s where s.superseded_by is not null and s.source = p.source and s.source_key = p.source_key and s.person_key = p.person_key
          and s.passenger_id <> p.passenger_id
        """;

    /// <summary>
    /// The number of rows of a name that other rows are compared with. It bounds the time for a file in which all rows have the same name.
    /// </summary>
    private const string MaximumCompared = "50";

    private const string ChangedKeys =
        "(select known_person_key from matched where is_person_changed union select person_key from matched where is_person_changed)";

    /// <summary>The rows of the ingestion whose values are unchanged but whose key is that of a correction or a deletion.</summary>
    private const string UnlinkChangedKeys =
        $"update matched set person_id = passenger_id, is_unlinked = true where not is_unlinked and not is_deleted and (name is not null or person is not null) and person_key in {ChangedKeys}";

    /// <summary>The stored rows with the key of a correction or a deletion that are not in the ingestion; they have no line.</summary>
    private const string AddUnlinkedRows =
        $"""
        insert into matched (
            passenger_id, source, source_key, name, event_time, code, person, person_key, person_id, pclass, sex, age, fare, known_person_id,
            is_new, is_changed, is_deleted, is_outcome_new, is_unlinked, is_person_changed, is_relinked)
        select p.passenger_id, p.source, p.source_key, p.name, p.event_time, p.titanic_binned_v1, p.person, p.person_key, p.passenger_id, p.pclass, p.sex, p.age, p.fare,
               p.person_id, false, false, false, false, true, false, false
        from passengers p
        where p.superseded_by is null and (p.name is not null or p.person is not null) and p.person_key in {ChangedKeys}
          and not exists (select from matched m where m.passenger_id = p.passenger_id)
        """;

    /// <summary>The current rows that are not linked yet and whose key occurs more than once, and the stored rows with these keys.</summary>
    private const string CollectNamesakes =
        """
        create temp table namesakes on commit drop as
        with named as (
            select passenger_id, person_id, person_key, source, person, sex, pclass, age, fare, true as is_unlinked from matched where is_unlinked
            union all
            select p.passenger_id, p.person_id, p.person_key, p.source, p.person, p.sex, p.pclass, p.age, p.fare, false
            from passengers p
            where p.superseded_by is null and (p.name is not null or p.person is not null) and p.person_key in (select person_key from matched where is_unlinked)
              and not exists (select from matched m where (m.is_unlinked or m.is_person_changed) and not m.is_new and m.passenger_id = p.passenger_id)
        )
        select *, row_number() over (partition by person_key order by passenger_id) as number
        from named where person_key in (select person_key from named group by person_key having count(*) > 1)
        """;

    private const string IndexNamesakes = "create index on namesakes (person_key, number); analyze namesakes";

    /// <summary>
    /// Links each row to the row before it with the highest balance of at least 0, the earliest of several, follows chains of links to their
    /// end, and writes the person ids.
    /// </summary>
    private const string LinkNamesakes =
        $"""
        with recursive links as materialized (
            select n.passenger_id, c.passenger_id as linked_id, c.person_id, c.is_unlinked
            from namesakes n
            left join lateral (
                select c.* from namesakes c cross join lateral (select {Balance} as balance) b
                where c.person_key = n.person_key and c.number < n.number and c.number <= {MaximumCompared} and b.balance >= 0
                order by b.balance desc, c.number limit 1) c on true
            where n.is_unlinked
        ), persons as (
            select passenger_id, case when linked_id is null then passenger_id else person_id end as person_id
            from links where linked_id is null or not is_unlinked
            union all
            select l.passenger_id, p.person_id from persons p join links l on l.linked_id = p.passenger_id and l.is_unlinked
        )
        update matched t set person_id = persons.person_id
        from persons where persons.passenger_id = t.passenger_id and persons.person_id <> t.person_id
        """;

    private const string MarkRelinkedRows =
        "update matched set is_relinked = true where is_unlinked and not is_new and not is_changed and person_id <> known_person_id";

    /// <summary>Runs after the links are in <c>matched</c>; see <see cref="SharedPersonKey"/>.</summary>
    private const string RecordSharedKeys =
        """
        insert into shared_person_keys (person_key)
        select n.person_key from namesakes n left join matched m on m.passenger_id = n.passenger_id
        group by n.person_key having count(distinct coalesce(m.person_id, n.person_id)) > 1
        on conflict do nothing
        """;

    /// <summary>
    /// How many of class, age and fare agree, minus how many differ; 4, more than any other balance, if the source declares both rows as one
    /// person; null if the sex differs otherwise.
    /// </summary>
    private const string Balance =
        "case when c.source = n.source and c.person = n.person then 4 when c.sex = n.sex then"
        + " (case when c.pclass = n.pclass then 1 else -1 end + coalesce(case when abs(c.age - n.age) <= 1 then 1 when c.age <> n.age then -1 end, 0)"
        + " + coalesce(case when abs(c.fare - n.fare) <= 0.01 * greatest(c.fare, n.fare) then 1 when c.fare <> n.fare then -1 end, 0)) end";
}

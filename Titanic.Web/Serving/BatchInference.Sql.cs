using Titanic.Web.FeatureStore;

namespace Titanic.Web.Serving;

public sealed partial class BatchInference
{
    /// <summary>Everybody of the stream without a prediction.</summary>
    private const string Unpredicted =
        """
        from passengers p
        where p.superseded_by is null and p.source = any (@streams) and p.event_time < @end
          and not exists (select from predictions a where a.passenger_id = p.passenger_id)
        """;

    /// <summary>The commit that brought a passenger's first version: an outcome may have come with it.</summary>
    private const string FirstCommit = "(select min(earlier.commit_id) from passengers earlier where earlier.passenger_id = p.passenger_id)";

    private const string FindNewestLearnableCommit =
        $"""
        select max(commit_id) from commits
        where commit_id < coalesce((select min({FirstCommit}) {Unpredicted}), 9223372036854775807)
        """;

    private const string CollectWaiting =
        $"""
        create temp table waiting (passenger_id bigint, commit_id bigint, first_commit_id bigint) on commit drop;
        insert into waiting select p.passenger_id, p.commit_id, {FirstCommit} {Unpredicted} order by p.passenger_id limit @chunk
        """;

    /// <summary>Passengers with equal values share a number, 1, 2, 3 …; a missing value is equal to another.</summary>
    private static string NumberInputs(ITrainingView view) =>
        $"""
        create temp table numbered on commit drop as
        select w.*, dense_rank() over (order by {view.Columns}) as input from waiting w join passengers p using (passenger_id, commit_id)
        """;

    private static string SelectInputs(ITrainingView view) =>
        $"""
        select distinct n.input, {view.Columns} from numbered n join passengers p using (passenger_id, commit_id) order by n.input
        """;

    /// <summary>
    /// Whether the model cannot have learned the passenger. Rows that came with an archive are not of this store, but two stores may have the
    /// same passengers: those that sailed before the rows' cut-off, of a source that they come from, are taken for learned.
    /// </summary>
    private const string IsLive =
        """
        case when d.training_dataset_id is null
             then p.event_time >= @known_before::timestamptz or p.source <> all (@sources::text[])
             else n.first_commit_id > d.as_of_commit_id or p.source <> all (d.sources) end
        """;

    private const string StorePredictions =
        $"""
        insert into predictions (
            created_at, source, passenger_id, logical_date, pclass, sex, age, fare, point_code, encoded, model_name, model_version,
            survived, probability, survivors, neighbors, is_live, run_id)
        select @now, @source, n.passenger_id, (p.event_time at time zone 'UTC')::date, p.pclass, p.sex, p.age, p.fare, a.point_code, a.encoded, @name, @version,
               a.survived, a.probability, a.survivors, a.neighbors, {IsLive}, @run::bigint
        from numbered n
        join passengers p using (passenger_id, commit_id)
        join answers a using (input)
        left join training_datasets d on d.training_dataset_id = @dataset::bigint
        order by n.passenger_id
        """;
}

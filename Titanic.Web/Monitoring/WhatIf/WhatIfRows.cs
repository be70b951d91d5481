using Npgsql;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Training;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Monitoring.WhatIf;

/// <summary>
/// Computes what each policy would have predicted for the live predictions of batch inference with known outcomes. Predictions with equal
/// inputs, outcomes and versions are one cell, and a model predicts each cell once, so that the cost is that of the distinct inputs.
/// </summary>
/// <remarks>
/// <para>
/// The alternatives choose among the K-NN versions that this store trained and that were registered before the prediction: alternative
/// learners cannot serve, and an imported version can have learned passengers that this store does not have. A version with a number up to
/// that of the served version was registered before it, whatever the clocks of the processes say.
/// </para>
/// <para>
/// A prediction is compared only if no chosen version has learned the passenger, by the definition of <see cref="LiveStatus"/>. It holds
/// without a test for a version whose training dataset is part of that of the served version. For later versions it follows from the rule
/// of training that it reads only commits whose passengers are all predicted; training as of a point in time, corrections that reveal a
/// namesake, and clocks that differ are exceptions, so it is tested for each of them.
/// </para>
/// </remarks>
public sealed class WhatIfRows(ModelRegistry registry)
{
    /// <summary>Maximum number of models in memory. Cells are read by the time of prediction, so that a model is rarely loaded twice.</summary>
    private const int MaximumModels = 8;

    private readonly Dictionary<int, LoadedModel> _models = [];

    /// <summary>Counts a day.</summary>
    /// <param name="asOfCommit">Passengers and outcomes of later commits are not known; null for the current ones.</param>
    /// <param name="until">Predictions that were stored later do not exist; null for all.</param>
    /// <returns>The counts of <see cref="ServingPolicies.All"/>, in this order.</returns>
    /// <exception cref="InvalidDataException">The artifact of a version is corrupt.</exception>
    public async Task<PolicyCounts[]> Count(
        NpgsqlConnection connection, DateOnly day, long? asOfCommit, DateTimeOffset? until, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(SelectCells, connection) { CommandTimeout = 0 }; // a day can have a large import
        command.Parameters.AddWithValue("day", day);
        command.Parameters.AddWithValue("commit", asOfCommit ?? long.MaxValue);
        command.Parameters.AddWithValue("until", until ?? DateTimeOffset.MaxValue.ToUniversalTime());
        command.Parameters.AddWithValue("model", ModelRegistry.ModelName);
        command.Parameters.AddWithValue("algorithm", KnnTrainer.AlgorithmName);
        PolicyCounts[] counts = [.. ServingPolicies.All.Select(_ => PolicyCounts.None)];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var cell = WhatIfCell.Read(reader);
            if (cell.IsCompared)
            {
                foreach (var choice in cell.Alternatives)
                    await Load(choice.Version!.Value, cell, cancellation);
            }
            cell.AddTo(counts, version => Predict(version, cell.Input));
        }
        return counts;
    }

    /// <summary>Predicts an input with a version as serving would have done; the version is loaded.</summary>
    private ClassPrediction Predict(int version, WhatIfInput input)
    {
        var model = _models[version];
        return model.Predict(model.View.Encode(input.Pclass, input.Sex, input.AgeInYears, input.FareInPounds));
    }

    private async Task Load(int version, WhatIfCell cell, CancellationToken cancellation)
    {
        if (version == cell.ServedVersion || _models.ContainsKey(version))
            return;
        if (_models.Count >= MaximumModels)
        {
            foreach (var unused in _models.Keys.Where(loaded => cell.Alternatives.All(choice => choice.Version != loaded)).ToList())
                _models.Remove(unused);
        }
        _models.Add(version, LoadedModel.Of((await registry.Find(version, cancellation))!));
    }

    /// <summary>SQL: whether a version may have learned the passenger of a prediction that is live for the served version.</summary>
    private static string HasLearned(string version) =>
        $"""
        exists (
            select from learned m join learned s on s.version = a.model_version
            where m.version = {version} and m.version <> s.version
              and not coalesce(m.as_of_commit_id <= s.as_of_commit_id and m.sources <@ s.sources, false)
              and not coalesce({LiveStatus.ConditionAsOfCommit}, false))
        """;

    private static readonly string SelectCells =
        $"""
        with live as materialized (
            select * from predictions p
            where p.logical_date = @day and p.passenger_id is not null and p.created_at <= @until and {LiveStatus.StoredAt("@until")}
        ), served as materialized (
            select distinct created_at, model_version from live
        ), chosen as materialized (
            select s.created_at, s.model_version, c.gate, c.newest, c.first
            from served s
            cross join lateral (
                select max(v.version) filter (where v.verdict = 'PROMOTE') as gate, max(v.version) as newest, min(v.version) as first
                from model_versions v
                where v.name = @model and v.algorithm = @algorithm and v.origin is null
                  and (v.created_at < s.created_at or v.version <= s.model_version)) c
        ), learned as materialized (
            select m.* from {LiveStatus.LearnedByVersion} m
            where m.name = @model and m.version in (
                select model_version from chosen union select gate from chosen union select newest from chosen union select first from chosen)
        )
        select a.model_version, a.survived, a.probability, a.pclass, a.sex, a.age, a.fare, o.survived as outcome,
               c.gate, {HasLearned("c.gate")} as gate_learned, c.newest, {HasLearned("c.newest")} as newest_learned, c.first, {HasLearned("c.first")} as first_learned,
               count(*)
        from live a
        join chosen c on c.created_at = a.created_at and c.model_version = a.model_version
        join outcomes o on o.passenger_id = a.passenger_id and o.commit_id <= @commit and (o.superseded_by is null or o.superseded_by > @commit)
        left join passengers p on p.passenger_id = a.passenger_id and p.commit_id <= @commit and (p.superseded_by is null or p.superseded_by > @commit)
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
        order by c.newest, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14
        """;
}

/// <summary>The input of a prediction.</summary>
internal readonly record struct WhatIfInput(int Pclass, Sex Sex, double? AgeInYears, double? FareInPounds);

/// <summary>The version that a policy chooses for a prediction.</summary>
/// <param name="Version">Null if no version was registered yet.</param>
/// <param name="HasLearned">Whether the version has learned the passenger.</param>
internal readonly record struct PolicyChoice(int? Version, bool HasLearned)
{
    public bool IsCompared => Version is not null && !HasLearned;
}

/// <summary>Live predictions with equal inputs, outcomes and versions.</summary>
/// <param name="ServedVersion">The version that predicted.</param>
/// <param name="Served">The stored prediction; only class and probability.</param>
/// <param name="Survived">The outcome.</param>
/// <param name="Alternatives">The choices of <see cref="ServingPolicies.Alternatives"/>, in this order.</param>
/// <param name="Rows">Number of predictions.</param>
internal sealed record WhatIfCell(int ServedVersion, ClassPrediction Served, WhatIfInput Input, bool Survived, IReadOnlyList<PolicyChoice> Alternatives, int Rows)
{
    /// <summary>Whether the predictions are compared; otherwise they are left out of all policies.</summary>
    public bool IsCompared => Alternatives.All(choice => choice.IsCompared);

    public static WhatIfCell Read(NpgsqlDataReader row) => new(
        row.GetInt32(0), new ClassPrediction(row.GetBoolean(1), row.GetDouble(2)),
        new WhatIfInput(row.GetInt16(3), SexConverter.Parse(row.GetString(4)), row.IsDBNull(5) ? null : row.GetDouble(5), row.IsDBNull(6) ? null : row.GetDouble(6)),
        row.GetBoolean(7), [ReadChoice(row, 8), ReadChoice(row, 10), ReadChoice(row, 12)], (int)row.GetInt64(14));

    /// <summary>Adds the cell to the counts of <see cref="ServingPolicies.All"/>.</summary>
    /// <param name="predict">Predicts the input with a version; not called for the served version, whose prediction is stored.</param>
    public void AddTo(PolicyCounts[] counts, Func<int, ClassPrediction> predict)
    {
        if (!IsCompared)
        {
            counts[0] += PolicyCounts.None with { LeftOut = Rows };
            for (var policy = 0; policy < Alternatives.Count; policy++)
                counts[policy + 1] += PolicyCounts.None with { LeftOut = Alternatives[policy].IsCompared ? 0 : Rows };
            return;
        }
        counts[0] += CountsOf(Served);
        for (var policy = 0; policy < Alternatives.Count; policy++)
            counts[policy + 1] += CountsOf(Alternatives[policy].Version == ServedVersion ? Served : predict(Alternatives[policy].Version!.Value));
    }

    private PolicyCounts CountsOf(ClassPrediction prediction)
    {
        var (isServedCorrect, isCorrect, error) = (Served.Survived == Survived, prediction.Survived == Survived, prediction.Probability - (Survived ? 1 : 0));
        return new PolicyCounts(
            Rows, isCorrect ? Rows : 0, isServedCorrect && !isCorrect ? Rows : 0, isCorrect && !isServedCorrect ? Rows : 0, Rows * error * error, LeftOut: 0);
    }

    private static PolicyChoice ReadChoice(NpgsqlDataReader row, int first) => new(row.IsDBNull(first) ? null : row.GetInt32(first), row.GetBoolean(first + 1));
}

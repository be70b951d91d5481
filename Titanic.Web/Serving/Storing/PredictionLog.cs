using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Serving.Storing;

/// <summary>
/// Where every online answer becomes a row. Requests share commits: one writer takes whatever waits, stores it by one transaction, and only
/// then are its askers answered; while it commits, the next batch gathers. It begins to write when it is first used.
/// </summary>
public sealed partial class PredictionLog : IHostedService, IAsyncDisposable
{
    private readonly DatabaseGate _gate;
    private readonly ServingOptions _options;
    private readonly ILogger<PredictionLog> _log;
    private readonly Channel<WaitingAnswers> _waiting = Channel.CreateUnbounded<WaitingAnswers>(new UnboundedChannelOptions { SingleReader = true });
    private readonly RowBudget _room;
    private readonly Lazy<NpgsqlDataSource> _postgres;
    private readonly Lazy<PredictionIds> _ids;
    private readonly Lazy<Task> _writing;
    private readonly CancellationTokenSource _giveUp = new();

    public PredictionLog(DatabaseGate gate, IOptions<ServingOptions> options, ILogger<PredictionLog> log)
    {
        (_gate, _options, _log) = (gate, options.Value, log);
        _room = new RowBudget(_options.LogQueueRows);
        _postgres = new Lazy<NpgsqlDataSource>(Connect);
        _ids = new Lazy<PredictionIds>(() => new PredictionIds(_postgres.Value));
        _writing = new Lazy<Task>(() => Task.Run(Write));
    }

    public AnswerLog Mode => _options.Log;

    /// <summary>How long the questions that come now may wait for all of it: numbers, room and rows.</summary>
    internal Deadline NewDeadline() => Deadline.In(_options.LogTimeout);

    /// <summary>Numbers for rows that are to be stored.</summary>
    /// <exception cref="AnswersNotStoredException">The database is away or too slow.</exception>
    internal async ValueTask<long[]> NewIds(int count, Deadline deadline)
    {
        try
        {
            return await _ids.Value.Take(count, deadline);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            throw new AnswersNotStoredException(IsAway, failure);
        }
    }

    /// <summary>Ends when the rows are durable; in asynchronous mode when they wait to become so.</summary>
    /// <param name="rows">With numbers of <see cref="NewIds"/>; they stay as they are from now on.</param>
    /// <exception cref="AnswersNotStoredException">The database is away or too slow. Whether the rows were stored is not known, but not twice.</exception>
    internal async Task Store(IReadOnlyList<Prediction> rows, Deadline deadline)
    {
        var waiting = new WaitingAnswers(rows, null, Mode == AnswerLog.Async ? Deadline.Never : deadline);
        await Enqueue(waiting, deadline);
        if (Mode != AnswerLog.Async)
            await waiting.Stored;
    }

    /// <summary>Stores an answer under its key with its rows, unless there is one already; durable in every mode.</summary>
    /// <returns>What is stored under the key now: this answer, or the one that was there.</returns>
    /// <inheritdoc cref="Store"/>
    internal async Task<KeyedAnswer> StoreOnce(KeyedAnswer answer, IReadOnlyList<Prediction> rows, Deadline deadline)
    {
        var waiting = new WaitingAnswers(rows, answer, deadline);
        await Enqueue(waiting, deadline);
        return (await waiting.Stored)!;
    }

    private async ValueTask Enqueue(WaitingAnswers answers, Deadline deadline)
    {
        _ = _writing.Value;
        if (!await _room.Enter(answers.Weight, deadline))
            throw new AnswersNotStoredException(FormattableString.Invariant($"{_options.LogQueueRows} answers are waiting to be stored already."));
        if (_waiting.Writer.TryWrite(answers))
            return;
        _room.Leave(answers.Weight);
        throw new AnswersNotStoredException("the server is stopping.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stores what was accepted, by when the host's patience ends.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await using var impatience = cancellationToken.Register(_giveUp.Cancel);
        if (_writing.IsValueCreated)
            await _writing.Value;
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(_options.LogTimeout);
        await StopAsync(patience.Token);
        if (_postgres.IsValueCreated)
            await _postgres.Value.DisposeAsync();
        _giveUp.Dispose();
    }

    /// <summary>
    /// Connections of its own: pages that wait for theirs must not keep answers waiting, and a server that does not answer is given up after
    /// seconds. Few, because the writer has one, and numbers are seldom fetched by two at once.
    /// </summary>
    private NpgsqlDataSource Connect()
    {
        var seconds = (int)Math.Ceiling(_options.LogTimeout.TotalSeconds);
        var address = new NpgsqlConnectionStringBuilder(_gate.ConnectionString);
        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(address.ConnectionString)
        {
            ApplicationName = address.ApplicationName ?? "titanic answers",
            MaxPoolSize = 6,
            Timeout = seconds,
            CommandTimeout = seconds + 1,
            CancellationTimeout = -1,
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 2,
        });
    }

    private const string IsAway = "the database does not answer.";
}

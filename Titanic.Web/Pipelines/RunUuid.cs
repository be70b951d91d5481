using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The run's id for the world, which knows other sites too: a UUID of version 7 (RFC 9562) with the millisecond in which the run was queued
/// in front and, in place of chance, bits of a digest over what tells the run from all others. So it needs no column, is the same whenever
/// it is asked for, also after dump and restore, and sorts by time.
/// </summary>
internal static class RunUuid
{
    public static Guid Of(Run run)
    {
        var microseconds = run.QueuedAt.UtcTicks / TimeSpan.TicksPerMicrosecond; // as fine as PostgreSQL keeps it
        Span<byte> uuid = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"titanic run {run.RunId} {run.Pipeline} {microseconds} {run.CodeVersion}")), uuid);
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, run.QueuedAt.ToUnixTimeMilliseconds());
        time[2..].CopyTo(uuid);
        uuid[6] = (byte)(uuid[6] & 0x0f | 0x70); // version 7
        uuid[8] = (byte)(uuid[8] & 0x3f | 0x80); // the variant of RFC 9562
        return new Guid(uuid[..16], bigEndian: true);
    }
}
